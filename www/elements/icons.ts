import { html, nothing, svg, type TemplateResult } from 'lit';

/** `points`: it shows a direction of reading, and is mirrored where that goes from right to left. */
const icon = (inside: TemplateResult<2>, width = 20, points = false): TemplateResult =>
  html`<svg class=${points ? 'points' : nothing} viewBox="0 0 ${width === 20 ? 24 : 30} 24" width=${width} height="20" aria-hidden="true" focusable="false"
    fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round">${inside}</svg>`;

/** Every icon stands beside a word and says nothing on its own. */
export const icons = {
  tick: icon(svg`<path d="M5 12.5l4.5 4.5L19 7"/>`),
  ticks: icon(svg`<path d="M2 12.5l4.5 4.5L16 7"/><path d="M13 16l1 1L23.5 7"/>`, 25),
  clock: icon(svg`<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>`),
  alert: icon(svg`<path d="M12 3.5l9 16.5H3z"/><path d="M12 10v4.5"/><path d="M12 17.2v.1"/>`),
  cloud: icon(svg`<path d="M7 18.5a4.2 4.2 0 0 1-.4-8.4 5.6 5.6 0 0 1 10.8 0 4.2 4.2 0 0 1-.4 8.4z"/>`),
  cloudOff: icon(
    svg`<path d="M9 6.3a5.6 5.6 0 0 1 8.4 3.8 4.2 4.2 0 0 1 2.5 6.6M17 18.5H7a4.2 4.2 0 0 1-.4-8.4"/><path d="M4 4l16 16"/>`,
  ),
  unknown: icon(svg`<path d="M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4"/><path d="M12 18v.1"/>`),
  sync: icon(
    svg`<path d="M19.5 10A8 8 0 0 0 5.6 7.2L4 9"/><path d="M4 4.5V9h4.5"/><path d="M4.5 14a8 8 0 0 0 13.9 2.8L20 15"/><path d="M20 19.5V15h-4.5"/>`,
  ),
  camera: icon(svg`<path d="M4 8h3.5L9 5.5h6L16.5 8H20v11H4z"/><circle cx="12" cy="13.2" r="3.4"/>`),
  back: icon(svg`<path d="M15 5l-7 7 7 7"/>`, 20, true),
  on: icon(svg`<path d="M9 5l7 7-7 7"/>`, 20, true),
  down: icon(svg`<path d="M6 9.5l6 6 6-6"/>`),
  close: icon(svg`<path d="M6 6l12 12M18 6L6 18"/>`),
  meter: icon(svg`<path d="M4.5 17.5a9 9 0 1 1 15 0"/><path d="M12 14l4-5"/><path d="M7 20.5h10"/>`),
  code: icon(
    svg`<path d="M4 8.5V4h4.5M15.5 4H20v4.5M20 15.5V20h-4.5M8.5 20H4v-4.5"/><path d="M8 8h3v3H8zM13.5 8H16v2.5M8 13.5V16h2.5M13.5 13.5H16V16h-2.5z"/>`,
  ),
  route: icon(
    svg`<circle cx="6" cy="18.5" r="2.2"/><circle cx="18" cy="5.5" r="2.2"/><path d="M8.2 18.5H16a3.2 3.2 0 0 0 0-6.5H8a3.2 3.2 0 0 1 0-6.5h7.8"/>`,
  ),
  list: icon(svg`<path d="M9 6h11M9 12h11M9 18h11"/><path d="M4.5 6v.1M4.5 12v.1M4.5 18v.1"/>`, 20, true),
  sort: icon(svg`<path d="M8 4.5v15M8 19.5l-3.5-3.5M8 19.5l3.5-3.5"/><path d="M14 6h6M14 12h4.5M14 18h3"/>`),
  rule: icon(
    svg`<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2.2"/><circle cx="9" cy="17" r="2.2"/>`,
  ),
  sides: icon(svg`<path d="M4 8h14M14.5 4.5L18 8l-3.5 3.5"/><path d="M20 16H6M9.5 12.5L6 16l3.5 3.5"/>`),
  chart: icon(svg`<path d="M4 20h16"/><path d="M7 16v-5M12 16V5M17 16V9"/>`),
  history: icon(
    svg`<path d="M4 12a8 8 0 1 0 2.6-5.9L4 8.5"/><path d="M4 4v4.5h4.5"/><path d="M12 8v4.5l3 1.8"/>`,
  ),
  receipt: icon(svg`<path d="M6 3.5h12v17l-3-2-3 2-3-2-3 2z"/><path d="M9.5 8.5h5M9.5 12.5h5"/>`),
  gear: icon(
    svg`<circle cx="12" cy="12" r="3"/><path d="M12 3.5v3M12 17.5v3M3.5 12h3M17.5 12h3M6 6l2.1 2.1M15.9 15.9L18 18M18 6l-2.1 2.1M8.1 15.9L6 18"/>`,
  ),
  search: icon(svg`<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>`),
  up: icon(svg`<path d="M6 14.5l6-6 6 6"/>`),
  pause: icon(svg`<path d="M8.5 5.5v13M15.5 5.5v13"/>`),
  play: icon(svg`<path d="M7.5 5l11 7-11 7z"/>`),
  save: icon(svg`<path d="M12 4v11M7.5 11l4.5 4.5 4.5-4.5"/><path d="M4.5 19.5h15"/>`),
  plus: icon(svg`<path d="M12 5v14M5 12h14"/>`),
  bin: icon(svg`<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 12.5h9l1-12.5"/>`),
  battery: icon(
    svg`<rect x="3" y="8" width="15.5" height="8.5" rx="1.5"/><path d="M21 11v2.5M6.5 11.5v1.5"/>`,
  ),
  form: icon(
    svg`<path d="M8.5 5H6v15.5h12V5h-2.5"/><path d="M9 3.5h6v3H9z"/><path d="M9 11.5l1.5 1.5 3-3M9 17h6"/>`,
  ),
  pin: icon(
    svg`<path d="M12 21c4.5-5 6.5-8.2 6.5-11a6.5 6.5 0 0 0-13 0c0 2.8 2 6 6.5 11z"/><circle cx="12" cy="10" r="2.2"/>`,
  ),
  pencil: icon(svg`<path d="M4 20l1-4.5L16.5 4 20 7.5 8.5 19z"/>`),
};

/** The meter with a tick for a hand. */
export const mark = html`<svg viewBox="0 0 64 64" width="36" height="36" aria-hidden="true" focusable="false">
  <rect width="64" height="64" rx="14" fill="#12303a"/>
  <path d="M46.6 43.6a18.5 18.5 0 1 1 1.6-20.8" fill="none" stroke="#7fd6c2" stroke-width="5" stroke-linecap="round"/>
  <path d="M23 32.5l8.5 8.5L52 18.5" fill="none" stroke="#ffffff" stroke-width="6" stroke-linecap="round" stroke-linejoin="round"/>
</svg>`;
