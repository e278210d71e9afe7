"use strict";
// Draws the figures in the page's colours, and again when these change (theme, printing).
(() => {
  const root = document.documentElement;
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const PAPER_WIDTH = 680; // fits A4 and Letter with the browsers' own margins
  const config = { displayModeBar: false, responsive: true, scrollZoom: false };

  const resolve = (value, style) => {
    if (typeof value === "string") {
      const name = /^var\((--[\w-]+)\)$/.exec(value);
      return name ? style.getPropertyValue(name[1]).trim() : value;
    }
    if (Array.isArray(value)) {
      const isNamed = (item) => typeof item === "object" || (typeof item === "string" && item.startsWith("var("));
      return value.some(isNamed) ? value.map((item) => resolve(item, style)) : value;
    }
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, style)]));
    }
    return value;
  };

  const NARROW = 480;
  // A narrow screen has room for a few marks and for no wide margin.
  const fitted = (layout, place) => {
    if (place.clientWidth === 0 || place.clientWidth > NARROW) return layout;
    const axes = Object.entries(layout).filter(([key]) => key.startsWith("xaxis"));
    const few = axes.map(([key, axis]) => [key, axis.type === "date" ? { ...axis, nticks: 4, tickangle: 0 } : axis]);
    return { ...layout, ...Object.fromEntries(few), margin: { ...layout.margin, l: 44, r: 6 } };
  };

  const draw = (size = {}) => {
    const style = getComputedStyle(root);
    return figures.map(({ id, data, layout }) => {
      const place = document.getElementById(id);
      Plotly.react(place, resolve(data, style), { ...resolve(fitted(layout, place), style), ...size }, config);
      return place;
    });
  };

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
  // Paper is narrower than the screen, and has no size yet when this is called.
  addEventListener("beforeprint", () => { root.classList.add("print"); draw({ width: PAPER_WIDTH }); });
  addEventListener("afterprint", () => { root.classList.remove("print"); draw().forEach((place) => Plotly.Plots.resize(place)); });
})();
