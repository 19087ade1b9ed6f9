import { msg } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { loaded, reload, tryAgain } from '../lib/again';
import { badge } from '../lib/app-badge';
import { installable } from '../lib/install';
import { LiveController, live } from '../lib/live';
import { nextTask } from '../lib/next-task';
import { Properties } from '../lib/properties';
import { follow, go, onMove } from '../lib/router';
import { inSync, isPage, type Route, routeOf, whileLocked } from '../lib/routes';
import { Telling } from '../lib/telling';
import { toast } from '../lib/toast';
import type {} from '../pages/home';
import { base } from './base';
import type { FsHelp } from './fs-help';
import type { FsSyncButton } from './fs-sync-button';
import { mark } from './icons';
import { Unhurried } from './unhurried';
import './fs-health-badge';
import './fs-help';
import './fs-indicator';
import './fs-nav';
import './fs-progress';
import './fs-sync-button';
import './fs-toasts';

/** The frame of every page: the header, the page itself, messages and keys. */
@customElement('fs-app')
export class FsApp extends Unhurried {
  static override styles = [
    base,
    css`
      .top {
        position: sticky;
        z-index: 10;
        top: 0;
      }
      /* A message lies over the title of the page at most, and what comes below it stays where it was. */
      @media (max-width: 899px) {
        .top:not(.notice) fs-toasts:not([data-empty], [data-apart]) {
          margin-bottom: calc(-1 * (var(--fs-4) + 1.25 * var(--fs-large) + var(--fs-3)));
        }
      }
      header {
        position: relative;
        padding: env(safe-area-inset-top, 0px) var(--fs-4) 0;
        border-bottom: 1px solid var(--fs-line);
        background: var(--fs-surface);
      }
      .inner {
        display: flex;
        align-items: center;
        gap: var(--fs-3);
        max-width: 1232px;
        min-height: 68px;
        margin: 0 auto;
        padding: var(--fs-1) 0;
      }
      .name {
        display: grid;
        flex: none;
        place-items: center;
        width: var(--fs-target);
        height: var(--fs-target);
        border-radius: 10px;
      }
      .health {
        display: grid;
        flex: none;
        place-items: center;
        min-width: var(--fs-target);
        min-height: var(--fs-target);
        color: inherit;
      }
      .words {
        flex: 1;
        min-width: 0;
      }
      .words b {
        display: block;
        line-height: 1.25;
        letter-spacing: -0.01em;
      }
      /* The longer text gets the name's line, so that the header stays as high as it is. */
      @media (max-width: 479px) {
        .words:has(fs-indicator[data-long]) b {
          display: none;
        }
      }
      /* On a phone the link to the sync centre has the number. */
      @media (max-width: 899px) and (min-height: 481px) {
        fs-indicator::part(need) {
          display: none;
        }
      }
      header fs-progress {
        position: absolute;
        inset: auto 0 -2px;
      }
      .skip {
        position: absolute;
        z-index: 30;
        inset-block-start: var(--fs-2);
        inset-inline-start: var(--fs-2);
      }
      .skip:not(:focus) {
        clip-path: inset(50%);
        width: 1px;
        min-height: 1px;
        height: 1px;
        padding: 0;
        overflow: hidden;
      }
      .newer {
        display: flex;
        align-items: center;
        justify-content: center;
        gap: var(--fs-2) var(--fs-4);
        padding: var(--fs-2) var(--fs-4);
        background: var(--fs-blue-tint);
      }
      .missing {
        display: grid;
        gap: var(--fs-3);
        justify-items: start;
        max-width: 640px;
        margin: 0 auto;
        padding: var(--fs-6) var(--fs-4);
      }
      @media (min-width: 900px) {
        main.beside {
          display: grid;
          grid-template-columns: 232px minmax(0, 1fr);
          gap: var(--fs-8);
          max-width: 1280px;
          min-height: calc(100dvh - 140px);
          margin: 0 auto;
          padding: var(--fs-6);
        }
      }
      /* What comes into the page has its room: the footer does not come into view to be pushed out again. */
      main.waits {
        min-height: 100dvh;
      }
      .sign-in {
        display: inline-flex;
        align-items: center;
        min-height: var(--fs-target);
        color: inherit;
        font-weight: 600;
        text-underline-offset: 3px;
      }
      footer {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: center;
        gap: 0 var(--fs-4);
        padding: 0 var(--fs-4) var(--fs-6);
      }
      footer button,
      footer a {
        display: inline-flex;
        align-items: center;
        min-height: var(--fs-target);
        padding: 0 var(--fs-2);
        border-radius: var(--fs-radius);
        color: inherit;
        font-weight: 600;
        text-underline-offset: 3px;
      }
      /* With little height, as under a keyboard or a strong zoom, the header scrolls away; only messages stay. */
      @media (max-height: 480px) {
        .top {
          display: contents;
        }
      }
      @media (max-height: 480px) and (max-width: 899px) {
        fs-toasts {
          position: sticky;
          z-index: 10;
          top: 0;
        }
      }
      @media (min-width: 900px) {
        header {
          padding-inline: var(--fs-6);
        }
      }
    `,
  ];

  @state() private route: Route = routeOf(location.pathname);
  /** The page whose code has come; the one before stays until then. */
  @state() private shown: Route | undefined;
  /** The page could not be loaded: it was never kept here, and there is no network. */
  @state() private missing = false;
  /** Switches to the version that waits, if one does. */
  @state() private newer: (() => void) | undefined;
  @state() private reloading = false;
  /** Something has been sent, and the browser can install the app. */
  @state() private offersInstall = false;
  /** The demo's tour has begun. */
  @state() private touring = false;
  /** What is below the page is there too: a task later, so that a slow phone has the page sooner. */
  @state() private whole = false;
  @query('fs-help') private help!: FsHelp;
  @query('fs-sync-button') private sync!: FsSyncButton;
  @query('main') private main!: HTMLElement;

  private readonly properties = new Properties(this);
  /** It is being tried to have the page that is missing. */
  private trying = false;
  private readonly telling = new Telling();
  private locked = false;
  /** The number on the app's icon. */
  private badged: number | undefined;
  private readonly keys = (event: KeyboardEvent) => this.key(event);
  private unmove: (() => void) | undefined;

  constructor() {
    super();
    new LiveController(this, () => this.notice());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('keydown', this.keys);
    addEventListener('fs-install', this.install);
    this.unmove = onMove(() => void this.open());
    void this.open();
  }

  /** The picture that stood in its place has done its work. */
  override firstUpdated(): void {
    this.replaceChildren();
    void nextTask().then(() => {
      this.whole = true;
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('keydown', this.keys);
    removeEventListener('fs-install', this.install);
    this.unmove?.();
  }

  override render(): TemplateResult {
    return html`<button type="button" class="skip" @click=${() => this.content()?.focus()}>${msg('Go to the content')}</button>
      <div class="top ${this.newer ? 'notice' : ''}">
        <header @click=${(event: MouseEvent) => follow(event, isPage)}>
          <div class="inner">
            <a class="name" href="/" aria-label=${msg('fieldsync, start page')}>${mark}</a>
            <div class="words">
              <b>fieldsync</b>
              <fs-indicator></fs-indicator>
            </div>
            <fs-nav .path=${this.route.path}></fs-nav>
            <a class="health" href="/sync/health"><fs-health-badge></fs-health-badge></a>
            <fs-sync-button></fs-sync-button>
          </div>
          <fs-progress variant="minimal"></fs-progress>
        </header>
        ${this.touring ? html`<fs-tour @fs-tour-end=${this.endTour} @fs-example=${this.example}></fs-tour>` : nothing}
        <fs-toasts></fs-toasts>
      </div>
      ${this.updateNotice()} ${this.lockedNotice()} ${this.signInNotice()} ${this.installNotice()}
      <main class="${this.shown && inSync(this.shown) ? 'beside' : ''} ${this.waits ? 'waits' : ''}" @click=${(event: MouseEvent) => follow(event, isPage)}>
        ${this.missing ? this.retry() : this.page()}
      </main>
      ${this.whole ? this.below() : nothing}`;
  }

  private below(): TemplateResult {
    return html`<footer>
        <button type="button" class="bare small" @click=${() => this.help.open()}>${msg('Help and keys')}</button>
        <a class="small" href="/vault" @click=${(event: MouseEvent) => follow(event, isPage)}>${msg('Passphrase')}</a>
        <a class="small" href="/sign-in" @click=${(event: MouseEvent) => follow(event, isPage)}>${msg('Your account')}</a>
        ${this.demo() ? html`<a class="small" href="/demo/qr">${msg('Printable codes of the demo')}</a>` : nothing}
      </footer>
      <fs-help ?demo=${this.demo()} @fs-tour=${this.tour}></fs-help>`;
  }

  /** The page, or what the engine knows of the queue, is still to come. */
  private get waits(): boolean {
    return !this.missing && (!this.shown || (!live.status && !live.failure));
  }

  /** Whether this is the demo, which has a sheet of QR codes. */
  private demo(): boolean {
    return this.properties.all.length > 0;
  }

  private async tour(): Promise<void> {
    try {
      await import('./fs-tour');
      this.touring = true;
    } catch {
      toast({
        kind: 'trouble',
        message: msg('The tour is not on this device yet. It comes with the next connection.'),
      });
    }
  }

  private example({ detail }: CustomEvent<string>): void {
    const home = this.renderRoot.querySelector('fs-home');
    if (home) home.fill(detail);
    else go(`/${detail}`);
  }

  private endTour(): void {
    this.touring = false;
    this.content()?.focus();
  }

  private page(): TemplateResult | typeof nothing {
    if (!this.shown) return nothing;
    const locked = live.status?.vault === 'locked';
    const shown = locked ? whileLocked(this.shown) : this.shown;
    if (shown !== this.shown) void shown.load().catch(() => {}); // it was kept when the vault was set up
    // Made anew with the lock: nothing of what stood on a page stays on the screen, and what was kept of it comes back.
    return html`${inSync(shown) ? html`<fs-sync-nav .path=${shown.path}></fs-sync-nav>` : nothing}${keyed(locked, shown.render())}`;
  }

  private retry(): TemplateResult {
    return html`<div class="missing" role="alert">
      <h1>${msg('This page is not on this device yet')}</h1>
      <p>${msg('It comes with the next connection. What you saved is here and waits.')}</p>
      <button type="button" @click=${() => void this.openAgain().catch(() => {})}>${msg('Try again')}</button>
    </div>`;
  }

  /** Shows the page at the address; another one than before begins at its top, with the focus on its title. */
  private async open(): Promise<void> {
    const route = routeOf(location.pathname);
    const before = this.shown;
    this.route = route;
    this.missing = false;
    if (before === route) return;
    try {
      await Promise.all([route.load(), inSync(route) ? import('./fs-sync-nav') : undefined]);
    } catch {
      this.missing = this.route === route;
      this.openOnceHere();
      return;
    }
    loaded();
    if (this.route !== route) return;
    this.shown = route;
    this.name();
    if (!before) return;
    await this.updateComplete;
    scrollTo({ top: 0, behavior: 'instant' });
    const page = this.content() as (HTMLElement & { updateComplete?: Promise<unknown> }) | null;
    await page?.updateComplete;
    page?.focus({ preventScroll: true });
  }

  /** A page's title may be what is in a record; that of its route is not. */
  private name(): void {
    if (this.shown) document.title = `${this.shown.title} · fieldsync`;
  }

  /** The page that did not come is opened when it can be had. */
  private openOnceHere(): void {
    if (this.trying) return;
    this.trying = true;
    tryAgain(() => this.openAgain());
  }

  private async openAgain(): Promise<void> {
    if (this.missing) await this.open();
    // Firefox asks for a file no second time that it could not load, until the page is loaded anew.
    if (this.missing) await reload();
    this.trying = false;
  }

  private content(): HTMLElement | null {
    return this.main.lastElementChild as HTMLElement | null;
  }

  /** Says that a newer version waits, where it covers nothing; it is switched to when the person says so. */
  offerUpdate(apply: () => void): void {
    this.newer = apply;
  }

  /** The server asks who it is: the one thing to do is said on every page. */
  private signInNotice(): TemplateResult | typeof nothing {
    const { status } = live;
    if (status?.hold?.why !== 'signedOut' || this.route.path === '/sign-in') return nothing;
    return html`<p class="newer" role="status" @click=${(event: MouseEvent) => follow(event, isPage)}>
      <span>${msg('Sign in, so that your entries can be sent. They are safe on this device.')}</span>
      <a class="sign-in" href="/sign-in">${msg('Sign in')}</a>
    </p>`;
  }

  /** What waits is sealed: the one thing to do is said where work goes on without it. */
  private lockedNotice(): TemplateResult | typeof nothing {
    const { status } = live;
    if (status?.vault !== 'locked' || whileLocked(this.route) !== this.route || this.route.path === '/vault')
      return nothing;
    return html`<p class="newer" role="status" @click=${(event: MouseEvent) => follow(event, isPage)}>
      <span>${status.hold?.why === 'revoked' ? msg('What is on this device is sealed.') : msg('What is on this device is sealed. It is sent once you unlock.')}</span>
      <a class="sign-in" href="/vault">${msg('Unlock')}</a>
    </p>`;
  }

  /** Offered on the start page, and once something has been sent: whoever only looks around is left alone. */
  private installNotice(): TemplateResult | typeof nothing {
    if (!this.offersInstall || this.route.path !== '/' || this.newer) return nothing;
    return html`<fs-install notice></fs-install>`;
  }

  private readonly install = () => {
    const sent = live.status?.currentProgress?.completedItems ?? 0;
    if (this.offersInstall || !installable() || sent === 0) return;
    this.offersInstall = true;
    void import('./fs-install').catch(() => {}); // the settings have it too
  };

  private updateNotice(): TemplateResult {
    const apply = () => {
      if (this.reloading) return;
      this.reloading = true;
      this.newer?.();
    };
    const words = this.reloading ? msg('Reloading…') : msg('A new version is ready.');
    return html`<div role="status" aria-live="polite">
      ${
        this.newer
          ? html`<p class="newer">
            <span>${words} ${msg('What you saved and typed stays.')}</span>
            <button type="button" aria-disabled=${this.reloading} @click=${apply}>
              ${this.reloading ? msg('Reloading…') : msg('Reload')}
            </button>
          </p>`
          : nothing
      }
    </div>`;
  }

  /** Every change of what sync is doing comes by here. */
  private notice(): void {
    const { status } = live;
    if (!status) return;
    if (this.locked !== (status.vault === 'locked')) this.name();
    this.locked = status.vault === 'locked';
    if (this.badged !== status.queueSize) badge(status.queueSize);
    this.badged = status.queueSize;
    this.install();
    this.telling.tell(status);
  }

  private key(event: KeyboardEvent): void {
    if (!this.whole || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const path = event.composedPath();
    const typing = path.some(
      node =>
        node instanceof HTMLElement && node.matches('input, textarea, select, dialog, [contenteditable]'),
    );
    if (typing) return;
    const act = {
      s: () => this.sync.sync(),
      n: () => (this.route.path === '/' ? this.content()?.focus() : go('/')),
      g: () => go('/sync'),
      r: () => go('/route'),
      '?': () => this.help.open(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    void act();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'fs-app': FsApp;
  }
}
