// A chart that is drawn anew only when it would look otherwise: to find that nothing differs costs Plotly as much
// as a change, and most of what happens on the page changes no chart.

export class Chart {
  /** @param {HTMLDivElement} element */
  constructor(element) {
    this.element = element;
    /** What stands there, as text. */
    this.drawn = '';
    new ResizeObserver(() => this.drawn && !element.hidden && Plotly.Plots.resize(element)).observe(element);
  }

  /**
   * @param {any[]} data
   * @param {any} layout
   */
  draw(data, layout) {
    const told = JSON.stringify([data, layout]);
    if (told === this.drawn) return;
    // Plotly keeps what it is given and writes into it, so the text is of before.
    if (this.drawn) Plotly.react(this.element, data, layout);
    else Plotly.newPlot(this.element, data, layout, { displayModeBar: false, responsive: false });
    this.drawn = told;
  }
}
