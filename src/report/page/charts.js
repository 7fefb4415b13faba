"use strict";
// The charts, the first of the three scripts that make one: charts.js, calls.js, page.js.
// Each is drawn when it comes into view, again when its width changes, and all of them before printing.

const charts = new Map();
const resized = new ResizeObserver((entries) => requestAnimationFrame(() => entries.forEach((entry) => draw(entry.target))));
const appeared =
  "IntersectionObserver" in window
    ? new IntersectionObserver(
        (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => appear(entry.target)),
        {
          rootMargin: "400px",
        },
      )
    : null;

function chart(label, height, plot) {
  const figure = el("div", { class: "chart", role: "img", "aria-label": label });
  figure.style.minHeight = `${height}px`; // what comes below does not jump when it is drawn
  charts.set(figure, { plot, width: 0 });
  return figure;
}

function appear(figure) {
  appeared?.unobserve(figure);
  draw(figure);
  resized.observe(figure);
}

function draw(figure) {
  const entry = charts.get(figure);
  const width = Math.floor(figure.clientWidth);
  if (!width || width === entry.width) return;
  entry.width = width;
  figure.replaceChildren(entry.plot(width));
}

function watchCharts() {
  for (const figure of charts.keys()) appeared ? appeared.observe(figure) : appear(figure);
  const all = () => [...charts.keys()].forEach(draw);
  addEventListener("beforeprint", all);
  matchMedia("print").addEventListener("change", all);
}

const tick = (value) => (Math.abs(value) >= 1000 ? d3.format("~s")(value) : number(value));
const STYLE = { fontFamily: "inherit", fontSize: "11px", overflow: "visible" };

// An axis of counts: from 0, marked at whole numbers only.
function counting(counts) {
  const most = d3.max(counts) || 1;
  return { domain: [0, most], ticks: d3.ticks(0, most, 4).filter(Number.isInteger), tickFormat: tick, grid: true };
}

// Bins are drawn equally wide, whether their edges are evenly or logarithmically spaced: this says where among them a value stands.
function placing(bins, log, whole) {
  return (value) => {
    const at = bins.findIndex((bin) => value < bin.to || value === bin.from);
    if (at < 0) return bins.length - (whole ? 0.5 : 0);
    const { from, to } = bins[at];
    if (from === to) return at + 0.5;
    // Of whole numbers, each stands in the middle of the bin that is its own.
    const inside = whole ? value + 0.5 : value;
    if (inside <= from) return at;
    return at + Math.min(1, log && from > 0 ? Math.log(inside / from) / Math.log(to / from) : (inside - from) / (to - from));
  };
}

function binTicks(bins, log, whole) {
  const [low, high] = [bins[0].from, bins.at(-1).to];
  const finest = low > 0 || !log ? low : bins[0].to; // a first bin from 0 holds decades that nobody can tell apart
  const inside = (value) => value >= finest && (whole ? value < high : value <= high) && (!whole || Number.isInteger(value));
  if (!log) return d3.ticks(low, high, 5).filter(inside);
  const decades = d3.range(-3, 10).map((power) => Number(`1e${power}`));
  const fine = decades.flatMap((decade) => [1, 2, 5].map((step) => Number((step * decade).toPrecision(1)))).filter(inside);
  const ticks = fine.length <= 6 ? fine : decades.filter(inside);
  if (ticks.length < 2) return [low, bins.at(-1).from];
  return finest > low ? [low, ...ticks] : ticks;
}

function histogram(distribution) {
  const bins = list(distribution.bins);
  const { unit, log } = distribution;
  const whole = bins.every(({ from, to }) => Number.isInteger(from) && Number.isInteger(to) && to > from) && unit !== "seconds";
  const at = placing(bins, log, whole);
  const ticks = binTicks(bins, log, whole);
  const range = ({ from, to }) =>
    whole ? (to - from === 1 ? number(from) : `${number(from)} to ${number(to - 1)}`) : `${number(from)} to ${number(to)}`;
  const lines = [
    { text: `median ${number(distribution.median)}`, value: distribution.median, dy: -22 },
    { text: `99 % ≤ ${number(distribution.p99)}`, value: distribution.p99, dy: -9, dashes: "4 3" },
  ].filter((line) => isNumber(line.value));
  const anchor = (line) => (at(line.value) > bins.length * 0.6 ? "end" : "start");
  return (width) =>
    Plot.plot({
      width,
      height: 190,
      marginTop: 36,
      marginLeft: 40,
      marginRight: 12,
      marginBottom: 36,
      style: STYLE,
      x: {
        type: "linear",
        domain: [0, bins.length],
        ticks: ticks.map(at),
        tickFormat: (_, i) => tick(ticks[i]),
        label: unit,
        labelArrow: "none",
      },
      y: { ...counting(bins.map((bin) => bin.count)), label: null },
      marks: [
        Plot.rectY(bins, {
          x1: (_, i) => i,
          x2: (_, i) => i + 1,
          y: "count",
          inset: 0.5,
          fill: "var(--column)",
          title: (bin) => `${range(bin)} ${unit}\n${number(bin.count)} of ${number(distribution.count)}`,
          tip: "x",
        }),
        Plot.ruleY([0]),
        lines.map((line) => Plot.ruleX([at(line.value)], { stroke: "var(--ink)", strokeDasharray: line.dashes })),
        lines.map((line) =>
          Plot.text([line.text], {
            x: [at(line.value)],
            frameAnchor: "top",
            dy: line.dy,
            textAnchor: anchor(line),
            fill: "var(--ink)",
            stroke: "var(--paper)",
          }),
        ),
      ],
    });
}

function lorenz(points) {
  return (width) =>
    Plot.plot({
      width: Math.min(width, 380),
      height: Math.min(width, 380) * 0.86,
      marginLeft: 44,
      marginBottom: 38,
      style: STYLE,
      x: {
        domain: [0, 100],
        label: "% of users, those with the fewest samples first",
        labelAnchor: "center",
        labelArrow: "none",
        ticks: 5,
      },
      y: { domain: [0, 100], label: "% of samples", labelArrow: "none", ticks: 5, grid: true },
      marks: [
        Plot.areaY(points, { x: ([x]) => x * 100, y: ([, y]) => y * 100, fill: "var(--column)", fillOpacity: 0.15 }),
        Plot.line(
          [
            [0, 0],
            [100, 100],
          ],
          { stroke: "var(--muted)", strokeDasharray: "3 3" },
        ),
        Plot.line(points, { x: ([x]) => x * 100, y: ([, y]) => y * 100, stroke: "var(--accent)", strokeWidth: 2 }),
        Plot.tip(
          points,
          Plot.pointerX({
            x: ([x]) => x * 100,
            y: ([, y]) => y * 100,
            title: ([x, y]) => `${share(x)} of users\n${share(y)} of samples`,
          }),
        ),
      ],
    });
}

// Days, or weeks, months, years where days would be too thin to see.
function overTime(days, measure) {
  const steps = [
    ["day", d3.utcDay],
    ["week from", d3.utcMonday],
    ["month from", d3.utcMonth],
    ["year from", d3.utcYear],
  ];
  return (width) => {
    const fits = ([, interval]) => interval.count(days[0].date, days.at(-1).date) * 4 < width;
    const [word, interval] = steps.find(fits) ?? steps.at(-1);
    const sums = d3.rollups(
      days,
      (group) => d3.sum(group, (day) => day[measure]),
      (day) => +interval.floor(day.date),
    );
    const parts = sums.map(([from, sum]) => ({ from: new Date(from), to: interval.offset(new Date(from), 1), sum }));
    const [start, end] = [parts[0].from, parts.at(-1).to];
    const domain = [start, d3.max([end, interval.offset(start, 12)])]; // one day alone is a thin bar as well, not a wall
    return Plot.plot({
      width,
      height: 160,
      marginLeft: 44,
      marginTop: 26,
      style: STYLE,
      x: { type: "utc", domain, label: null, ticks: Math.max(3, Math.floor(width / 90)) },
      y: { ...counting(parts.map((part) => part.sum)), label: `${measure} per ${word.split(" ")[0]}`, labelArrow: "none" },
      marks: [
        Plot.rectY(parts, {
          x1: "from",
          x2: "to",
          y: "sum",
          insetLeft: 0.5,
          insetRight: 0.5,
          fill: "var(--column)",
          title: (part) => `${word} ${part.from.toISOString().slice(0, 10)}\n${number(part.sum)} ${measure}`,
          tip: "x",
        }),
        Plot.ruleY([0]),
      ],
    });
  };
}
