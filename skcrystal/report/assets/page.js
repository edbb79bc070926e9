"use strict";
// Draws the figures of the page from the data that stands in it, finds crystals, and saves predictions.
(() => {
  const data = JSON.parse(document.getElementById("run").textContent);
  const figures = data.figures;
  const many = data.noun;
  // Okabe and Ito's colours stay apart for colour-blind readers.
  const colors = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00"];
  const grey = "#6E6E6E";
  const ink = "#1b2430";
  const narrow = () => window.innerWidth < 832;
  const touch = window.matchMedia("(pointer: coarse)").matches;

  // Plotly reads tags in texts; those of the data are none.
  const plain = (text) => {
    const short = text.length > 60 ? `${text.slice(0, 58)}…` : text;
    return short.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  };
  const number = (value) => {
    if (value === null || value === undefined) return "–";
    const size = Math.abs(value);
    const text = size !== 0 && (size < 1e-4 || size >= 1e7) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
    return text.replace("-", "−");
  };
  const withUnit = (value) => (data.unit ? `${number(value)} ${data.unit}` : number(value));
  const lowered = (text) => text.replace(/(?<=[A-Za-z\])\d.])\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);
  const names = data.ids.map((id, row) => {
    const formula = lowered(data.formulas[row]);
    return id === formula ? `<b>${plain(formula)}</b>` : `<b>${plain(formula)}</b><br>${plain(id)}`;
  });

  const axis = (title, more) => ({
    title: { text: plain(title), font: { size: 13 }, standoff: 8 },
    gridcolor: "#e8ebef", zerolinecolor: "#c9d0d8", linecolor: "#8b95a1", ticks: "outside", ticklen: 4,
    tickcolor: "#8b95a1", automargin: true, ...more,
  });
  const layout = (x, y, more) => ({
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: ink },
    margin: { l: 56, r: 12, t: 10, b: 48 }, xaxis: x, yaxis: y,
    modebar: { bgcolor: "rgba(255,255,255,.85)", color: "#6b7480", activecolor: "#0b5a92" },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: "closest",
    hoverlabel: { bgcolor: "#fff", bordercolor: "#8b95a1", font: { color: ink, size: 13 }, align: "left" },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
    // A finger on a figure scrolls the page.
    dragmode: touch ? false : "zoom", ...more,
  });
  const config = (name) => ({
    displaylogo: false, showSendToCloud: false, responsive: true, showTips: false,
    modeBarButtons: [["toImage", "resetScale2d"]],
    toImageButtonOptions: { format: "svg", filename: `${data.target}-${name}` },
    displayModeBar: !touch,
  });
  const dots = (more) => ({ type: "scatter", mode: "markers", ...more });

  const makers = {
    histogram(part) {
      const { edges, counts } = part;
      const middles = edges.slice(1).map((edge, k) => (edge + edges[k]) / 2);
      const width = edges.slice(1).map((edge, k) => edge - edges[k]);
      const ranges = middles.map((_, k) => `${number(edges[k])} to ${withUnit(edges[k + 1])}`);
      const titles = counts.length > 1 ? ["not 0", "exactly 0"] : [""];
      const traces = counts.map((values, k) => ({
        type: "bar", x: middles, y: values, width, name: titles[k], customdata: ranges,
        marker: { color: [colors[0], grey][k], line: { color: "#fff", width: 0.6 } },
        hovertemplate: `%{customdata}<br>%{y} ${many}<extra></extra>`,
      }));
      return [traces.reverse(), layout(axis(data.axis), axis(many), { barmode: "stack", showlegend: counts.length > 1 })];
    },
    sorted() {
      const order = data.y.map((_, row) => row).sort((a, b) => data.y[a] - data.y[b]);
      const trace = dots({
        x: order.map((_, k) => k + 1), y: order.map((row) => data.y[row]), text: order.map((row) => names[row]),
        marker: { color: colors[0], size: 4 }, hovertemplate: `%{text}<br>%{y} ${plain(data.unit)}<extra></extra>`,
      });
      return [[trace], layout(axis(`${many}, in order`, { rangemode: "tozero" }), axis(data.axis))];
    },
    classes(part) { return bars(part.names, part.counts, many); },
    systems(part) { return bars(part.names, part.counts, many); },
    sizes(part) {
      const trace = {
        type: "bar", x: part.sizes, y: part.counts, marker: { color: colors[0] },
        hovertemplate: `%{x} sites<br>%{y} ${many}<extra></extra>`,
      };
      return [[trace], layout(axis("sites in the cell"), axis(many))];
    },
    learning(part) {
      const traces = Object.entries(part.models).map(([name, { mean, spread }], k) => ({
        type: "scatter", mode: "lines+markers", name: plain(name), x: part.sizes, y: mean,
        line: { color: colors[k % 6], dash: ["solid", "dash", "dot", "dashdot"][k % 4] }, marker: { size: 7, symbol: k % 6 },
        error_y: { type: "data", array: spread, color: colors[k % 6], thickness: 1, width: 3 },
        hovertemplate: `%{x} ${many}<br>${plain(part.score)} %{y}<extra>${plain(name)}</extra>`,
      }));
      const unit = part.score === "MAE" ? `MAE (${data.unit})` : part.score;
      return [traces, layout(axis(`${many} learned from`), axis(data.unit ? unit : part.score, { rangemode: "tozero" }), { showlegend: true })];
    },
    residuals(part) {
      const middles = part.edges.slice(1).map((edge, k) => (edge + part.edges[k]) / 2);
      const trace = {
        type: "bar", x: middles, y: part.counts, width: part.edges.slice(1).map((edge, k) => edge - part.edges[k]),
        marker: { color: colors[0], line: { color: "#fff", width: 0.6 } },
        customdata: middles.map((_, k) => `${number(part.edges[k])} to ${withUnit(part.edges[k + 1])}`),
        hovertemplate: `%{customdata}<br>%{y} ${many}<extra></extra>`,
      };
      const title = data.unit ? `predicted − true (${data.unit})` : "predicted − true";
      return [[trace], layout(axis(title), axis(many), { shapes: [line({ x0: 0, x1: 0, y0: 0, y1: 1, yref: "paper" })] })];
    },
    "error-elements"(part) { return errorBars(part, false); },
    "error-systems"(part) { return errorBars(part, true); },
    importance(part) {
      const bar = {
        type: "bar", orientation: "h", y: part.names, x: part.means, marker: { color: colors[0] },
        hovertemplate: "%{y}<br>%{x}<extra></extra>", showlegend: false,
      };
      const points = dots({
        x: part.repeats.flat(), y: part.repeats.flatMap((values, k) => values.map(() => part.names[k])),
        marker: { color: colors[1], size: 6, line: { color: "#fff", width: 0.7 } }, hoverinfo: "skip", showlegend: false,
      });
      return [[bar, points], layout(axis(`loss of ${part.score}`), axis(""), { bargap: 0.4 })];
    },
    coverage(part) {
      const traces = part.splits.map(({ name, groups }, k) => dots({
        mode: "lines+markers", name: plain(name), x: groups.map(({ low, high }) => (low + high) / 2),
        y: groups.map(({ inside }) => inside),
        error_y: {
          type: "data", symmetric: false, array: groups.map(({ inside, above }) => above - inside),
          arrayminus: groups.map(({ inside, below }) => inside - below), color: colors[k % 6], thickness: 1, width: 3,
        },
        marker: { color: colors[k % 6], size: 8, symbol: k }, line: { color: colors[k % 6], width: 1, dash: "dot" },
        customdata: groups.map(({ count, width, low, high }) => [count, withUnit(width), number(low), withUnit(high)]),
        hovertemplate: "predicted %{customdata[2]} to %{customdata[3]}<br>%{y:.0%} of %{customdata[0]} inside<br>" +
          `mean width %{customdata[1]}<extra>${plain(name)}</extra>`,
      }));
      return [traces, layout(axis(`predicted ${data.axis}`), axis("share inside the interval", { tickformat: ".0%", range: [0, 1.05] }), {
        showlegend: true, shapes: [line({ y0: part.wanted, y1: part.wanted, x0: 0, x1: 1, xref: "paper" })],
        annotations: [{ text: `line: wanted, ${Math.round(part.wanted * 100)} %`, x: 0.99, xref: "paper", xanchor: "right", y: 0.02, yanchor: "bottom", showarrow: false, font: { color: grey } }],
      })];
    },
    domain(part) {
      const trace = dots({
        x: data.domain, y: part.error, text: names,
        marker: { size: 6, opacity: 0.65, color: data.domain.map((d) => (d > 1 ? colors[1] : colors[0])), symbol: data.domain.map((d) => (d > 1 ? "diamond" : "circle")) },
        hovertemplate: `%{text}<br>distance %{x}<br>error %{y} ${plain(data.unit)}<extra></extra>`,
      });
      return [[trace], layout(axis("distance from the training data"), axis(data.errorAxis.replace("mean absolute", "absolute"), { rangemode: "tozero" }), {
        shapes: [line({ x0: 1, x1: 1, y0: 0, y1: 1, yref: "paper" })],
      })];
    },
  };
  const line = (more) => ({ type: "line", line: { color: grey, width: 1.3, dash: "dash" }, ...more });

  function bars(titles, counts, what) {
    const trace = {
      type: "bar", orientation: "h", y: titles.map(plain), x: counts, marker: { color: colors[0] },
      text: counts.map((n) => n.toLocaleString("en")), textposition: "outside", cliponaxis: false,
      hovertemplate: `%{y}<br>%{x} ${what}<extra></extra>`,
    };
    return [[trace], layout(axis(what), axis("", { autorange: "reversed" }), { margin: { l: 56, r: 42, t: 10, b: 48 }, bargap: 0.3 })];
  }

  // Upright bars for elements, whose names are short; lying ones for crystal systems.
  function errorBars(part, lying) {
    const bars = { type: "data", array: part.spreads, color: ink, thickness: 1, width: 2 };
    const titles = part.names.map((name, k) => (lying ? `${name} (${part.counts[k].toLocaleString("en")})` : name));
    const trace = {
      type: "bar", orientation: lying ? "h" : "v", x: lying ? part.means : titles, y: lying ? titles : part.means,
      marker: { color: colors[0] }, customdata: part.names.map((name, k) => [name, part.counts[k], withUnit(part.means[k])]),
      [lying ? "error_x" : "error_y"]: bars,
      hovertemplate: `%{customdata[0]}<br>%{customdata[2]}<br>%{customdata[1]} ${many}<extra></extra>`,
    };
    const errors = axis(data.errorAxis, { rangemode: "tozero" });
    if (lying) {
      const shape = line({ x0: part.overall, x1: part.overall, y0: 0, y1: 1, yref: "paper" });
      return [[trace], layout(errors, axis("", { autorange: "reversed" }), { shapes: [shape], bargap: 0.3 })];
    }
    const shape = line({ y0: part.overall, y1: part.overall, x0: 0, x1: 1, xref: "paper" });
    const names = axis("", { tickangle: 0, tickfont: { size: narrow() ? 9 : 12 } });
    return [[trace], layout(names, errors, { shapes: [shape] })];
  }

  let model = data.models[0];
  let marked = [];
  function parity(k) {
    const split = data.splits[k];
    const predicted = split.predictions[model];
    const rows = data.y.map((_, row) => row).filter((row) => predicted[row] !== null);
    const about = (row) => {
      const parts = [names[row], `target ${withUnit(data.y[row])}`, `predicted ${withUnit(predicted[row])}`];
      if (model === data.models[0] && split.low[row] !== null) parts.push(`interval ${number(split.low[row])} to ${withUnit(split.high[row])}`);
      if (data.systems[row]) parts.push(data.systems[row]);
      return parts.join("<br>");
    };
    const values = rows.flatMap((row) => [data.y[row], predicted[row]]);
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    const pad = 0.04 * (high - low || 1);
    const ends = [low - pad, high + pad];
    const found = rows.filter((row) => marked.includes(row));
    const traces = [
      { type: "scatter", mode: "lines", x: ends, y: ends, line: { color: grey, width: 1.3 }, hoverinfo: "skip" },
      dots({
        x: rows.map((row) => data.y[row]), y: rows.map((row) => predicted[row]), text: rows.map(about), customdata: rows,
        marker: { color: colors[0], size: rows.length > 400 ? 5 : 7, opacity: 0.6, line: { color: "#fff", width: 0.5 } },
        hovertemplate: "%{text}<extra></extra>",
      }),
      dots({
        x: found.map((row) => data.y[row]), y: found.map((row) => predicted[row]), text: found.map(about), customdata: found,
        marker: { color: "rgba(0,0,0,0)", size: 14, line: { color: colors[1], width: 3 } }, hovertemplate: "%{text}<extra></extra>",
      }),
    ];
    const error = rows.reduce((sum, row) => sum + Math.abs(predicted[row] - data.y[row]), 0) / rows.length;
    const short = error >= 1e-3 && error < 1e3 ? error.toPrecision(3) : number(error);
    return [traces, layout(axis(`true ${data.axis}`, { range: ends }), axis(`predicted ${data.axis}`, { range: ends }), {
      showlegend: false,
      annotations: [{ text: `MAE ${short} ${plain(data.unit)}`, x: 0.03, y: 0.97, xref: "paper", yref: "paper", xanchor: "left", yanchor: "top", showarrow: false, font: { size: 14 } }],
    })];
  }

  function draw(plot) {
    const name = plot.dataset.figure;
    const [traces, arranged] = name.startsWith("parity-") ? parity(figures[name].split) : makers[name](figures[name]);
    const first = !plot.dataset.drawn;
    Plotly.react(plot, traces, arranged, config(name));
    plot.dataset.drawn = "true";
    if (first) {
      plot.on("plotly_afterplot", () => scalable(plot));
      scalable(plot);
    }
    if (first && name.startsWith("parity-")) plot.on("plotly_click", ({ points }) => mark([points[0].customdata], true));
  }

  // On paper a figure is scaled as a whole to the width of its column.
  function scalable(plot) {
    for (const svg of plot.querySelectorAll(".main-svg")) {
      svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`);
    }
    plot.style.setProperty("--ratio", `${plot.clientWidth} / ${plot.clientHeight}`);
  }

  const plots = [...document.querySelectorAll(".chart")];
  const redraw = () => plots.filter((plot) => plot.dataset.figure.startsWith("parity-")).forEach(draw);
  for (const input of document.querySelectorAll("input[name=model]")) {
    input.addEventListener("change", () => { model = input.value; redraw(); });
  }

  const crystals = crystalViewer(data, lowered, narrow);

  // ---- finding crystals, and taking the predictions along -----------------------------------------------------
  function mark(rows, look) {
    marked = rows;
    redraw();
    const shown = look && rows.length === 1 && crystals.show(rows[0]);
    if (shown) document.getElementById("worst").scrollIntoView();
    describe();
  }
  function describe() {
    const found = document.getElementById("found");
    if (!found) return;
    found.replaceChildren();
    if (!marked.length) return;
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    const columns = ["formula", "id", "target", ...data.splits.map(({ name }) => `predicted, ${name}`)];
    for (const title of columns) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = title;
      head.append(cell);
    }
    const body = table.createTBody();
    for (const row of marked.slice(0, 12)) {
      const cells = [lowered(data.formulas[row]), data.ids[row], withUnit(data.y[row])];
      for (const split of data.splits) cells.push(withUnit(split.predictions[model][row]));
      const one = body.insertRow();
      for (const text of cells) one.insertCell().textContent = text;
    }
    const count = document.createElement("p");
    count.className = "fine";
    count.textContent = `${marked.length} found${marked.length > 12 ? ", the first 12 below" : ""}; they have a ring in the figures.`;
    found.append(count, table);
  }
  const find = document.getElementById("find");
  if (find) {
    let wait = 0;
    find.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(() => {
        const text = find.value.trim().toLowerCase();
        const hit = (row) => data.formulas[row].toLowerCase().includes(text) || data.ids[row].toLowerCase().includes(text);
        mark(text ? data.ids.map((_, row) => row).filter(hit) : [], false);
      }, 150);
    });
    document.getElementById("save-predictions").addEventListener("click", () => {
      // A cell that a spreadsheet would run is made a text.
      const cell = (value) => {
        let text = value === null ? "" : String(value);
        if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
        return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
      };
      const head = ["id", "formula", data.target];
      for (const split of data.splits) for (const name of Object.keys(split.predictions)) head.push(`${name}, ${split.name}`);
      const lines = [head, ...data.ids.map((id, row) => [
        id, data.formulas[row], data.y[row], ...data.splits.flatMap(({ predictions }) => Object.values(predictions).map((found) => found[row])),
      ])];
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([lines.map((one) => one.map(cell).join(",")).join("\n")], { type: "text/csv" }));
      link.download = `${data.target}-predictions.csv`;
      link.click();
    });
  }

  // ---- drawing in turn, so that the page answers meanwhile ------------------------------------------------------
  const waiting = [...plots];
  function next() {
    const plot = waiting.shift();
    if (plot) {
      draw(plot);
      setTimeout(next, 0);
      return;
    }
    document.documentElement.dataset.drawn = String(Math.round(performance.now()));
    crystals.start();
  }
  next();
})();
