import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
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
import { endTourPause } from '../lib/tour-pause';
import type {} from '../pages/home';
import { base } from './base';
import { frame } from './fs-app.styles';
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
  static override styles = [base, frame];

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
      return endTourPause();
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
