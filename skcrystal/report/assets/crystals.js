"use strict";
// One viewer that swaps crystals, of atoms and bonds that stand in the data of the page.
const crystalViewer = (data, lowered, narrow) => {
  const scenes = data.figures.scenes;
  let viewer = null;
  let spinning = false;
  const box = document.getElementById("viewer");

  function ready() {
    if (viewer || !box) return viewer;
    try {
      viewer = window.$3Dmol.createViewer(box, { backgroundColor: "white", antialias: true });
    } catch (error) {
      // Without WebGL the drawing is shown in place of the model.
      viewer = null;
    }
    return viewer;
  }

  function show(row) {
    const scene = scenes && scenes.crystals[row];
    if (!scene) return false;
    document.getElementById("viewer-title").textContent = `${lowered(data.formulas[row])} · ${data.ids[row]}`;
    const legend = document.getElementById("viewer-legend");
    legend.replaceChildren(...[...new Set(scene.elements)].map((symbol) => {
      const item = document.createElement("span");
      const dot = document.createElement("i");
      dot.style.background = scenes.colors[symbol];
      item.append(dot, symbol);
      return item;
    }));
    for (const one of document.querySelectorAll("tr.chosen")) one.classList.remove("chosen");
    for (const one of document.querySelectorAll(`[data-row="${row}"]`)) one.closest("tr").classList.add("chosen");
    box.dataset.row = row;
    if (!ready()) {
      const drawing = document.querySelector(`[data-row="${row}"] svg`);
      if (drawing) box.replaceChildren(drawing.cloneNode(true));
      return true;
    }
    viewer.removeAllModels();
    viewer.removeAllShapes();
    const place = (k) => ({ x: scene.places[3 * k], y: scene.places[3 * k + 1], z: scene.places[3 * k + 2] });
    const bonds = scene.elements.map(() => []);
    for (let k = 0; k < scene.bonds.length; k += 2) {
      bonds[scene.bonds[k]].push(scene.bonds[k + 1]);
      bonds[scene.bonds[k + 1]].push(scene.bonds[k]);
    }
    const atoms = scene.elements.map((elem, k) => ({
      elem, ...place(k), serial: k, bonds: bonds[k], bondOrder: bonds[k].map(() => 1), properties: {}, hetflag: true,
    }));
    const molecule = viewer.addModel();
    molecule.addAtoms(atoms);
    for (const symbol of new Set(scene.elements)) {
      const color = scenes.colors[symbol];
      viewer.setStyle({ elem: symbol }, { sphere: { radius: scenes.radii[symbol], color }, stick: { radius: 0.09, color } });
    }
    const edge = (k) => scene.cell.slice(3 * k, 3 * k + 3);
    const corner = (n) => [0, 1, 2].map((axis) => [0, 1, 2].reduce((sum, k) => sum + ((n >> k) & 1) * edge(k)[axis], 0));
    for (let n = 0; n < 8; n += 1) {
      for (let k = 0; k < 3; k += 1) {
        if ((n >> k) & 1) continue;
        const [start, end] = [corner(n), corner(n | (1 << k))].map(([x, y, z]) => ({ x, y, z }));
        viewer.addLine({ start, end, color: "#6b7480", linewidth: 1.5 });
      }
    }
    viewer.setHoverable({}, true, (atom) => {
      viewer.removeAllLabels();
      viewer.addLabel(scene.names[atom.serial], { position: atom, backgroundColor: "#1b2430", fontSize: 13 });
      viewer.render();
    }, () => { viewer.removeAllLabels(); viewer.render(); });
    viewer.removeAllLabels();
    // The places are those of the drawing, which looks from the same side.
    viewer.setView([0, 0, 0, 0, 0, 0, 0, 1]);
    viewer.zoomTo();
    viewer.zoom(1.35);
    viewer.render();
    return true;
  }

  const list = () => [...document.querySelectorAll(".worst:not([hidden]) [data-row]")].map((one) => one.dataset.row);
  function step(by) {
    const rows = list();
    const at = rows.indexOf(box.dataset.row);
    show(rows[(at + by + rows.length) % rows.length]);
  }
  if (box) {
    for (const one of document.querySelectorAll("button[data-row]")) {
      one.addEventListener("click", () => { show(one.dataset.row); if (narrow()) box.scrollIntoView({ block: "center" }); });
    }
    for (const one of document.querySelectorAll("button[data-step]")) one.addEventListener("click", () => step(Number(one.dataset.step)));
    const spin = document.getElementById("spin");
    spin.addEventListener("click", () => {
      spinning = !spinning;
      spin.setAttribute("aria-pressed", String(spinning));
      if (ready()) viewer.spin(spinning ? "y" : false, 0.6);
    });
    box.addEventListener("keydown", (event) => {
      const turns = { ArrowLeft: [-10, "y"], ArrowRight: [10, "y"], ArrowUp: [-10, "x"], ArrowDown: [10, "x"] };
      if (!viewer) return;
      if (turns[event.key]) viewer.rotate(...turns[event.key]);
      else if (event.key === "+" || event.key === "=") viewer.zoom(1.2);
      else if (event.key === "-") viewer.zoom(1 / 1.2);
      else return;
      viewer.render();
      event.preventDefault();
    });
  }
  for (const input of document.querySelectorAll("input[name=worst]")) {
    input.addEventListener("change", () => {
      for (const one of document.querySelectorAll(".worst")) one.hidden = one.dataset.split !== input.value;
    });
  }

  // The viewer starts when it comes into sight: it takes as long as all figures together.
  function start() {
    if (!box || !list().length) return;
    const sight = new IntersectionObserver((entries) => {
      if (!entries.some((one) => one.isIntersecting)) return;
      sight.disconnect();
      if (!box.dataset.row) show(list()[0]);
    }, { rootMargin: "300px" });
    sight.observe(box);
  }

  return { show, start };
};
