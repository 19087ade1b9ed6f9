import { html, svg, type TemplateResult } from 'lit';

const icon = (inside: TemplateResult<2>, width = 20): TemplateResult =>
  html`<svg viewBox="0 0 ${width === 20 ? 24 : 30} 24" width=${width} height="20" aria-hidden="true" focusable="false"
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
  back: icon(svg`<path d="M15 5l-7 7 7 7"/>`),
  on: icon(svg`<path d="M9 5l7 7-7 7"/>`),
  down: icon(svg`<path d="M6 9.5l6 6 6-6"/>`),
  close: icon(svg`<path d="M6 6l12 12M18 6L6 18"/>`),
  pencil: icon(svg`<path d="M4 20l1-4.5L16.5 4 20 7.5 8.5 19z"/>`),
};

/** The meter with a tick for a hand. */
export const mark = html`<svg viewBox="0 0 64 64" width="36" height="36" aria-hidden="true" focusable="false">
  <rect width="64" height="64" rx="14" fill="#12303a"/>
  <path d="M46.6 43.6a18.5 18.5 0 1 1 1.6-20.8" fill="none" stroke="#7fd6c2" stroke-width="5" stroke-linecap="round"/>
  <path d="M23 32.5l8.5 8.5L52 18.5" fill="none" stroke="#ffffff" stroke-width="6" stroke-linecap="round" stroke-linejoin="round"/>
</svg>`;
