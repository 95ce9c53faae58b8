// The tree as a picture: branches are fetched when they are opened and forgotten when they are closed, so that ten
// thousand people weigh no more than what is looked at. A wide fan comes in pages.
(() => {
  const ROW = 26;
  const COLUMN = 190;
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  document.addEventListener("DOMContentLoaded", async () => {
    const pan = document.querySelector("[data-tree]");
    if (!pan || !window.echarts) return;
    const sheet = pan.firstElementChild;
    const who = document.getElementById("tree-who");
    const root = { id: "", name: pan.dataset.root, people: [], rest: 0, isOpen: true };
    const known = new Map([["", root]]);
    let chosen = "";
    const chart = echarts.init(sheet, null, { renderer: "svg", width: 100, height: 100 });

    const fetchPage = async (node) => {
      const answer = await fetch(`${pan.dataset.tree}?of=${node.id}&offset=${node.people.length}`);
      if (!answer.ok) return;
      const page = await answer.json();
      // While the crowd goes on, a page may repeat someone of the page before.
      page.nodes.filter((each) => !known.has(each.id)).forEach((each) => {
        const person = { ...each, people: [], rest: each.invited, isOpen: false };
        known.set(each.id, person);
        node.people.push(person);
      });
      node.rest = page.rest;
    };
    const forget = (node) => node.people.forEach((each) => { forget(each); known.delete(each.id); });

    const colours = () => ({ early: css("--tf-bar-held"), waiting: css("--tw-wait"), done: css("--tf-bar"), out: css("--tf-paper") });
    const drawn = (node, tone) => {
      const children = node.isOpen ? node.people.map((each) => drawn(each, tone)) : [];
      if (node.isOpen && node.rest && node.people.length) {
        children.push({ name: pan.dataset.more.replace("#", node.rest.toLocaleString()), moreOf: node.id, symbolSize: 1, label: { color: css("--tf-accent"), fontWeight: 600 } });
      }
      const isRoot = node === root;
      return {
        name: node.name, key: node.id, children, symbolSize: isRoot ? 10 : 9 + Math.min(9, 2 * Math.sqrt(node.invited)),
        symbol: "circle",
        itemStyle: { color: isRoot ? css("--tf-ink") : tone[node.tone], borderColor: node.id === chosen ? css("--tf-ink") : css("--tf-faint"), borderWidth: isRoot ? 0 : node.id === chosen ? 2 : node.tone === "out" ? 1 : 0 },
        label: {
          formatter: isRoot ? "{b}" : `{b}${node.invited ? `   {n|${node.invited.toLocaleString()}${node.isOpen ? "" : " ›"}}` : ""}`,
          color: css("--tf-ink"), textBorderColor: css("--tf-paper"), textBorderWidth: 3, fontWeight: isRoot || node.id === chosen ? 650 : 400,
        },
      };
    };
    const size = (node, depth) => {
      if (!node.isOpen || !node.people.length) return { leaves: 1, depth };
      return node.people.map((each) => size(each, depth + 1)).reduce(
        (sum, each) => ({ leaves: sum.leaves + each.leaves, depth: Math.max(sum.depth, each.depth) }),
        { leaves: node.rest ? 1 : 0, depth },
      );
    };

    const draw = () => {
      const { leaves, depth } = size(root, 0);
      const width = (depth + 1) * COLUMN + 40;
      const height = Math.max(260, leaves * ROW + 40);
      chart.resize({ width, height });
      chart.setOption({
        animationDuration: 200, animationDurationUpdate: 350, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
        series: [{
          type: "tree", data: [drawn(root, colours())], left: 22, right: COLUMN - 30, top: 18, bottom: 18, orient: "LR", expandAndCollapse: false, initialTreeDepth: -1, edgeShape: "curve",
          lineStyle: { color: css("--tf-bar-held"), width: 1.25, opacity: 0.6 }, cursor: "pointer", emphasis: { disabled: true },
          label: { position: "right", distance: 6, fontSize: 13, overflow: "truncate", width: COLUMN - 50, rich: { n: { color: css("--tf-soft"), fontSize: 12 } } },
        }],
      });
    };

    // Where a person stands in the picture, to keep them under the finger while the picture around them grows.
    const heightOf = (key) => {
      const data = chart.getModel?.().getSeriesByIndex(0)?.getData();
      for (let at = 0; data && at < data.count(); at += 1) {
        if (data.getRawDataItem(at)?.key === key) return data.getItemLayout(at)?.y ?? 0;
      }
      return 0;
    };
    const drawAround = (key) => {
      const before = heightOf(key);
      draw();
      pan.scrollTop += heightOf(key) - before;
    };

    const show = (node) => {
      who.hidden = false;
      who.querySelectorAll("[data-who]").forEach((element) => {
        const value = node[element.dataset.who];
        if (element.tagName === "A") element.href = value; else element.textContent = typeof value === "number" ? value.toLocaleString() : value;
      });
    };
    const toggle = async (node) => {
      if (node.isOpen) { forget(node); node.people = []; node.rest = node.invited; node.isOpen = false; return; }
      node.isOpen = true;
      if (node.invited) await fetchPage(node);
    };
    chart.on("click", async ({ data }) => {
      if (data.moreOf !== undefined) { await fetchPage(known.get(data.moreOf)); drawAround(data.moreOf); return; }
      const node = known.get(data.key);
      if (!node || node === root) return;
      // The first press shows who it is and opens the branch; the next one on the same person closes it again.
      if (chosen === node.id || !node.isOpen) await toggle(node);
      chosen = node.id;
      show(node);
      drawAround(node.id);
    });

    document.addEventListener("tenfold:theme", draw);
    window.addEventListener("resize", draw);
    await fetchPage(root);
    // The most fruitful branch stands open, so that the picture says at once what it is.
    if (root.people[0]?.invited) await toggle(root.people[0]);
    draw();
    pan.scrollTop = heightOf("") - pan.clientHeight / 2;
  });
})();
