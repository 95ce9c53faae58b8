// The queue over time: its length as a line, and under it who shortened it.
(() => {
  let chart;
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const draw = () => {
    const source = document.getElementById("charts");
    const place = document.getElementById("chart-backlog");
    if (!source || !place || !window.echarts) return;
    const data = JSON.parse(source.textContent).backlog;
    const soft = css("--tf-soft");
    const line = css("--tf-line");
    const bar = (name, values, color) => ({ name, type: "bar", stack: "judged", data: values, barMaxWidth: 12, itemStyle: { color } });
    place.style.height = "260px";
    chart = chart || window.echarts.init(place, null, { renderer: "svg" });
    chart.resize();
    chart.setOption({
      animation: !calm,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: soft },
      tooltip: { trigger: "axis", confine: true, backgroundColor: css("--tf-paper"), borderColor: line, textStyle: { color: css("--tf-ink"), fontSize: 13 }, extraCssText: "box-shadow:none" },
      legend: { left: 0, top: 0, icon: "roundRect", itemWidth: 10, itemHeight: 3, textStyle: { color: soft }, inactiveColor: line },
      grid: { left: 4, right: 8, top: place.clientWidth < 420 ? 56 : 34, bottom: 2, containLabel: true },
      xAxis: { type: "category", data: data.at, axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: soft, hideOverlap: true } },
      yAxis: { type: "value", minInterval: 1, splitLine: { lineStyle: { color: line } }, axisLabel: { color: soft }, splitNumber: 3 },
      series: [
        bar(data.names.people, data.people, css("--tf-bar")),
        bar(data.names.machine, data.machine, css("--tf-bar-held")),
        { name: data.names.waiting, type: "line", data: data.waiting, showSymbol: false, lineStyle: { width: 2, color: css("--tw-wait") }, itemStyle: { color: css("--tw-wait") }, areaStyle: { color: css("--tw-wait"), opacity: 0.12 } },
      ],
    });
  };

  document.addEventListener("DOMContentLoaded", draw);
  document.addEventListener("tenfold:theme", draw);
  window.addEventListener("resize", () => chart?.resize());
})();
