import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';

/** A page of the app: its path, its title, and how it is shown. Its code is loaded when it is first opened. */
export interface Route {
  path: string;
  title: string;
  load: () => Promise<unknown>;
  render: () => TemplateResult;
}

const home: Route = {
  path: '/',
  title: msg('Read a meter'),
  load: () => import('../pages/home'),
  render: () => html`<fs-home></fs-home>`,
};

export const routes: Route[] = [
  home,
  {
    path: '/sign-in',
    title: msg('Sign in'),
    load: () => import('../pages/sign-in'),
    render: () => html`<fs-sign-in></fs-sign-in>`,
  },
  {
    path: '/vault',
    title: msg('Passphrase'),
    load: () => import('../pages/vault'),
    render: () => html`<fs-vault></fs-vault>`,
  },
  {
    path: '/route',
    title: msg('Route'),
    load: () => import('../pages/route'),
    render: () => html`<fs-route></fs-route>`,
  },
  {
    path: '/assess',
    title: msg('Assess a site'),
    load: () => import('../pages/assess'),
    render: () => html`<fs-assess></fs-assess>`,
  },
  {
    path: '/assess/form',
    title: msg('Form'),
    load: () => import('../pages/assess'),
    render: () => html`<fs-filling></fs-filling>`,
  },
  {
    path: '/sync',
    title: msg('Sync centre'),
    load: () => import('../pages/sync'),
    render: () => html`<fs-sync></fs-sync>`,
  },
  {
    path: '/sync/queue',
    title: msg('Queue'),
    load: () => import('../pages/queue'),
    render: () => html`<fs-queue></fs-queue>`,
  },
  {
    path: '/sync/carry',
    title: msg('Take work to another device'),
    load: () => import('../pages/carry'),
    render: () => html`<fs-carry></fs-carry>`,
  },
  {
    path: '/sync/conflicts',
    title: msg('Conflicts'),
    load: () => import('../pages/conflicts'),
    render: () => html`<fs-conflicts></fs-conflicts>`,
  },
  {
    path: '/sync/receipts',
    title: msg('Receipts'),
    load: () => import('../pages/receipts'),
    render: () => html`<fs-receipts></fs-receipts>`,
  },
  {
    path: '/sync/priority',
    title: msg('Priority'),
    load: () => import('../pages/priority'),
    render: () => html`<fs-priority></fs-priority>`,
  },
  {
    path: '/sync/rules',
    title: msg('Priority rules'),
    load: () => import('../pages/rules'),
    render: () => html`<fs-rules></fs-rules>`,
  },
  {
    path: '/sync/history',
    title: msg('History'),
    load: () => import('../pages/history'),
    render: () => html`<fs-history></fs-history>`,
  },
  {
    path: '/sync/health',
    title: msg('Sync health'),
    load: () => import('../pages/health'),
    render: () => html`<fs-health></fs-health>`,
  },
  {
    path: '/sync/metrics',
    title: msg('Figures'),
    load: () => import('../pages/metrics'),
    render: () => html`<fs-metrics></fs-metrics>`,
  },
  {
    path: '/sync/schedules',
    title: msg('Schedules'),
    load: () => import('../pages/schedules'),
    render: () => html`<fs-schedules></fs-schedules>`,
  },
  {
    path: '/sync/settings',
    title: msg('Settings'),
    load: () => import('../pages/settings'),
    render: () => html`<fs-settings-page></fs-settings-page>`,
  },
  {
    path: '/elements',
    title: 'Elements',
    load: () => import('../pages/elements'),
    render: () => html`<fs-elements></fs-elements>`,
  },
];

/** The page at an address; unknown ones lead home. */
export const routeOf = (path: string): Route => routes.find(route => route.path === path) ?? home;

/** Whether a path is a page of the app, rather than one of the server's own. */
export const isPage = (path: string): boolean => routes.some(route => route.path === path);

/** Pages that show nothing of what is sealed. */
const CLEAR = ['/', '/vault', '/sign-in', '/sync/settings', '/elements'];

/** What stands in a page's place while the vault is locked. */
export const whileLocked = (route: Route): Route =>
  CLEAR.includes(route.path) ? route : (routes.find(({ path }) => path === '/vault') ?? route);

/** Whether a page is one of the sync centre's. */
export const inSync = ({ path }: Route): boolean => path.startsWith('/sync');
