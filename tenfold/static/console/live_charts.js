// The charts of the live page. Their numbers and words come from the server (#charts); they are drawn once and
// then only told what changed, so that they move instead of blinking.
(() => {
  const charts = new Map();
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const palette = () => ({
    accent: css("--tf-bar"), held: css("--tf-bar-held"), empty: css("--tf-bar-ground"), ink: css("--tf-ink"),
    soft: css("--tf-soft"), line: css("--tf-line"), paper: css("--tf-paper"), scan: css("--tw-scan"), wait: css("--tw-wait"),
  });
  const base = (color) => ({
    animation: !calm, animationDurationUpdate: 500, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: color.soft },
    tooltip: { confine: true, backgroundColor: color.paper, borderColor: color.line, textStyle: { color: color.ink, fontSize: 13 }, extraCssText: "box-shadow:none" },
  });

  const funnel = (data, color) => ({
    height: data.names.length * 46 + 4,
    option: {
      ...base(color),
      grid: { left: 0, right: 96, top: 4, bottom: 0 },
      xAxis: { type: "value", show: false, max: Math.max(1, ...data.counts) },
      yAxis: { type: "category", inverse: true, data: data.names, show: false },
      tooltip: { show: false },
      series: [{
        type: "bar", barWidth: 14, data: data.counts, showBackground: true,
        backgroundStyle: { color: color.empty, borderRadius: 7 }, itemStyle: { color: color.accent, borderRadius: 7 },
        label: { show: true, position: [0, -19], formatter: (item) => data.names[item.dataIndex], color: color.soft, fontSize: 13 }, silent: true,
      }, {
        type: "bar", barGap: "-100%", barWidth: 14, silent: true, data: data.counts.map(() => Math.max(1, ...data.counts)), itemStyle: { color: "transparent" },
        label: { show: true, position: "right", distance: 10, rich: { n: { color: color.ink, fontWeight: 600, fontSize: 14 }, r: { color: color.soft, fontSize: 12 } },
          formatter: (item) => `{n|${data.counts[item.dataIndex].toLocaleString()}}${data.notes[item.dataIndex] ? `  {r|${data.notes[item.dataIndex]}}` : ""}` },
      }],
    },
  });

  const line = (name, values, shade, area) => ({
    name, type: "line", data: values, smooth: 0.25, showSymbol: false, lineStyle: { width: 2, color: shade }, itemStyle: { color: shade },
    areaStyle: area ? { color: shade, opacity: 0.12 } : undefined, emphasis: { disabled: true },
  });
  const pulse = (data, color) => ({
    height: 220,
    option: {
      ...base(color),
      tooltip: { ...base(color).tooltip, trigger: "axis" },
      legend: { left: 0, top: 0, icon: "roundRect", itemWidth: 10, itemHeight: 3, textStyle: { color: color.soft }, inactiveColor: color.line },
      grid: { left: 4, right: 8, top: 34, bottom: 2, containLabel: true },
      xAxis: { type: "category", boundaryGap: false, data: data.at, axisLine: { lineStyle: { color: color.line } }, axisTick: { show: false }, axisLabel: { color: color.soft, hideOverlap: true } },
      yAxis: { type: "value", minInterval: 1, splitLine: { lineStyle: { color: color.line } }, axisLabel: { color: color.soft }, splitNumber: 3 },
      series: [line(data.names.scans, data.scans, color.scan, false), line(data.names.joins, data.joins, color.accent, true)],
    },
  });

  const seats = (data, color) => {
    const bar = (name, values, shade, label) => ({
      name, type: "bar", stack: "seats", barWidth: 14, data: values, itemStyle: { color: shade }, emphasis: { disabled: true },
      label: label ? { show: true, position: [0, -19], formatter: (item) => data.groups[item.dataIndex], color: color.ink, fontSize: 13 } : undefined,
    });
    return {
      height: data.groups.length * 46 + 34,
      option: {
        ...base(color),
        tooltip: { ...base(color).tooltip, trigger: "axis", axisPointer: { type: "none" } },
        legend: { left: 0, top: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: { color: color.soft } },
        grid: { left: 0, right: 84, top: 44, bottom: 0 },
        xAxis: { type: "value", show: false, max: (range) => Math.max(1, range.max) },
        yAxis: { type: "category", inverse: true, data: data.groups, show: false },
        series: [bar(data.names.taken, data.taken, color.accent, true), bar(data.names.held, data.held, color.held), {
          ...bar(data.names.free, data.free, color.empty),
          label: { show: true, position: "right", color: color.soft, formatter: (item) => `${data.taken[item.dataIndex]} / ${data.taken[item.dataIndex] + data.held[item.dataIndex] + data.free[item.dataIndex]}` },
        }],
      },
    };
  };

  const tones = (color) => ({ early: color.held, waiting: color.wait, done: color.accent, out: color.empty });
  const tree = (people, color) => {
    const nodes = new Map(people.map((each) => [each.id, { id: each.id, name: each.name, tone: each.tone, children: [] }]));
    const root = { id: "root", name: "", children: [], symbolSize: 1 };
    people.forEach((each) => (nodes.get(each.in) || root).children.push(nodes.get(each.id)));
    nodes.forEach((node) => {
      node.symbolSize = 6 + Math.min(14, 2 * Math.sqrt(node.children.length) * 1.6);
      node.itemStyle = { color: tones(color)[node.tone], borderWidth: 0 };
    });
    return {
      height: 320,
      option: {
        ...base(color),
        tooltip: { ...base(color).tooltip, formatter: (item) => echarts.format.encodeHTML(item.name) },
        series: [{
          type: "tree", layout: "radial", data: [root], top: 12, bottom: 12, left: 12, right: 12, symbol: "circle", expandAndCollapse: false, initialTreeDepth: -1,
          label: { show: false }, lineStyle: { color: color.held, width: 1, opacity: 0.45, curveness: 0.5 }, emphasis: { disabled: true }, roam: false,
        }],
      },
    };
  };

  const drawings = { funnel, pulse, seats, tree };
  const draw = () => {
    const source = document.getElementById("charts");
    if (!source || !window.echarts) return;
    const data = JSON.parse(source.textContent);
    const color = palette();
    document.querySelectorAll("[data-chart]").forEach((element) => {
      const { height, option } = drawings[element.dataset.chart](data[element.dataset.chart], color);
      if (element.style.height !== `${height}px`) { element.style.height = `${height}px`; charts.get(element)?.resize(); }
      if (!charts.has(element)) charts.set(element, echarts.init(element, null, { renderer: "svg" }));
      charts.get(element).setOption(option);
    });
    charts.forEach((chart, element) => { if (!element.isConnected) { chart.dispose(); charts.delete(element); } });
  };

  document.addEventListener("DOMContentLoaded", draw);
  document.addEventListener("htmx:afterSwap", draw);
  document.addEventListener("tenfold:theme", draw);
  window.addEventListener("resize", () => charts.forEach((chart) => chart.resize()));
})();
