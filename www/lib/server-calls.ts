// Generated from docs/openapi.json by `cargo xtask types`; do not edit.
import type { AuditPage, BandwidthLimits, CarriedKeystore, ChangesResponse, Connectivity, Credentials, Device, DeviceRegistration, DeviceStatus, Devices, FleetPage, Heartbeat, HeartbeatAnswer, KeystorePut, MetricsReport, Millis, Pong, PushRequest, PushResponse, RefreshRequest, RegisteredDevice, Schedule, ScheduleDraft, SchedulePreview, ScheduleRuns, Schedules, SetBandwidthLimit, Settings, Tokens, Wishes } from './generated';

/** The forms as they are sent: each to the letter as it was written, for its fields stand in that order. */
export interface FormsAnswer {
  /** A JSON Schema (2020-12) by the kind of assessment, and one for `RESPONSE`. */
  forms: Record<string, unknown>;
  /** Changes with the forms; in quotes it is the `ETag`. */
  version: string;
}

/** What the server knows of the link to a device. */
export interface Link {
  answered: number;
  /** As the device said last. */
  connectivity: Connectivity;
  lastSeenAt: Millis;
  /** Nobody but the device can send pings. */
  pings: number;
  /** Whether it was heard of just now. */
  reachable: boolean;
}

/** A meter. */
export interface Meter {
  /** The code that a reading names it by, within its unit. */
  code: string;
  /** `water`, `electricity`, `gas` or `heat`. */
  kind: string;
  /** What it counts in. */
  unit: string;
}

/** The demo's properties. */
export interface Properties {
  /** All of them. */
  properties: Property[];
}

/** A building. */
export interface Property {
  /** The code that a reading names it by. */
  code: string;
  /** What people call it. */
  name: string;
  /** Its flats and shops. */
  units: Unit[];
}

/** A flat, shop or room. */
export interface Unit {
  /** The code that a reading names it by, within its property. */
  code: string;
  /** Its meters. */
  meters: Meter[];
  /** What people call it. */
  name: string;
}

/** What each call of the server takes, and what it answers when all is well. */
export interface ServerCalls {
  /** Lists the demo's properties. */
  demoProperties: { asks: object; answers: Properties };
  /** This document. */
  openapi: { asks: object; answers: Record<string, unknown> };
  /** Answers a ping. */
  ping: { asks: { query: { nonce: string } }; answers: Pong };
  /** Gives the limits that the caller has set. */
  bandwidthLimits: { asks: object; answers: BandwidthLimits };
  /** Sets a limit for all of the caller's devices, or for one of them. */
  setBandwidthLimit: { asks: { body: Partial<SetBandwidthLimit> }; answers: BandwidthLimits };
  /** Lists the caller's devices. */
  devices: { asks: object; answers: Devices };
  /** Revokes one of the caller's devices: from now on it may do nothing, and its logins have ended. */
  revokeDevice: { asks: { path: { id: string } }; answers: Device };
  /** Registers the device that a login is on, or names it anew. */
  registerDevice: { asks: { body: DeviceRegistration }; answers: RegisteredDevice };
  /** Makes a schedule for one of the caller's devices. */
  createSchedule: { asks: { body: ScheduleDraft }; answers: Schedule };
  /** Tells when a schedule would run, and makes none. */
  previewSchedule: { asks: { body: ScheduleDraft }; answers: SchedulePreview };
  /** Disables one of the caller's schedules: it runs no more, for good. */
  disableSchedule: { asks: { path: { id: string } }; answers: Schedule };
  /** Lists the last runs of one of the caller's schedules, the latest first. */
  scheduleRuns: { asks: { path: { id: string } }; answers: ScheduleRuns };
  /** Lists the caller's schedules, with their last and their next runs. */
  schedules: { asks: object; answers: Schedules };
  /** Answers a page of the caller's rows, or of somebody's of the caller's team; the latest first. */
  audit: { asks: { query?: { user?: string; before?: number; limit?: number } }; answers: AuditPage };
  /** Logs in. An unknown address and a wrong password get the same answer after the same work. */
  login: { asks: { body: Credentials }; answers: Tokens };
  /** Ends the login of a refresh token. Where it has ended already, or never was, that is as good. */
  logout: { asks: { body: RefreshRequest }; answers: undefined };
  /** Gives the next tokens for a refresh token. */
  refresh: { asks: { body: RefreshRequest }; answers: Tokens };
  /** Makes an account of a worker without a team, and logs in with it. */
  register: { asks: { body: Credentials }; answers: Tokens };
  /** Answers a page of devices. Never of what is on them. */
  fleet: { asks: { query?: { after?: string; limit?: number } }; answers: FleetPage };
  /** The forms. Who has them already says so with `If-None-Match`. */
  forms: { asks: object; answers: FormsAnswer };
  /** Gives the keystore. */
  keystore: { asks: object; answers: CarriedKeystore | undefined };
  /** Takes a keystore in the place of the one before. */
  putKeystore: { asks: { body: KeystorePut }; answers: CarriedKeystore };
  /** The figures that a device told last; none where it tells none. */
  deviceMetrics: { asks: { query?: { user?: string; device?: string } }; answers: MetricsReport };
  /** Asks a device to send nothing for now. */
  wishPause: { asks: { query?: { user?: string; device?: string } }; answers: Wishes };
  /** Asks a device to send again. */
  wishResume: { asks: { query?: { user?: string; device?: string } }; answers: Wishes };
  /** The settings that a device is asked to change. */
  wishedSettings: { asks: { query?: { user?: string; device?: string } }; answers: Record<string, unknown> };
  /** Asks a device to change settings; those that are not named stay. */
  wishSettings: { asks: { query?: { user?: string; device?: string }; body: Partial<Settings> }; answers: Wishes };
  /** Asks a device to send what it has. */
  wishStart: { asks: { query?: { user?: string; device?: string } }; answers: Wishes };
  /** What a device said last, and what is asked of it. */
  deviceStatus: { asks: { query?: { user?: string; device?: string } }; answers: DeviceStatus };
  /** Answers a page of changes. An expired cursor is 410: the device takes a snapshot by asking without one. */
  changes: { asks: { query?: { cursor?: string; limit?: number } }; answers: ChangesResponse };
  /** What is known of the link to a device, from when it was last heard of. */
  deviceLink: { asks: { query?: { user?: string; device?: string } }; answers: Link };
  /** Takes a heartbeat. */
  heartbeat: { asks: { body: Heartbeat }; answers: HeartbeatAnswer };
  /** Takes a push. It is answered only after the commit; a request that is refused as a whole has written nothing (I4). */
  push: { asks: { body: PushRequest }; answers: PushResponse };
  /** Says what of tus there is here. */
  uploadOptions: { asks: object; answers: undefined };
  /** Begins an upload. */
  beginUpload: { asks: object; answers: undefined };
  /** Ends an upload, whole or not. */
  endUpload: { asks: { path: { id: string } }; answers: undefined };
  /** Says how far an upload has come. */
  upload: { asks: { path: { id: string } }; answers: undefined };
  /** Takes more of an upload. */
  goOnWithUpload: { asks: { path: { id: string } }; answers: undefined };
  /** Does as `X-HTTP-Method-Override` says, for clients whose way lets no other method through. */
  uploadByOverride: { asks: { path: { id: string } }; answers: undefined | undefined };
}

/** How each is called, and whether with an access token. */
export const calls = {
  demoProperties: { method: 'GET', path: '/api/demo/properties', token: false },
  openapi: { method: 'GET', path: '/api/openapi.json', token: false },
  ping: { method: 'GET', path: '/api/ping', token: false },
  bandwidthLimits: { method: 'GET', path: '/api/sync/bandwidth/limit', token: true },
  setBandwidthLimit: { method: 'POST', path: '/api/sync/bandwidth/limit', token: true },
  devices: { method: 'GET', path: '/api/sync/devices', token: true },
  revokeDevice: { method: 'POST', path: '/api/sync/devices/{id}/revoke', token: true },
  registerDevice: { method: 'POST', path: '/api/sync/register', token: true },
  createSchedule: { method: 'POST', path: '/api/sync/schedule/create', token: true },
  previewSchedule: { method: 'POST', path: '/api/sync/schedule/preview', token: true },
  disableSchedule: { method: 'POST', path: '/api/sync/schedule/{id}/disable', token: true },
  scheduleRuns: { method: 'GET', path: '/api/sync/schedule/{id}/runs', token: true },
  schedules: { method: 'GET', path: '/api/sync/schedules', token: true },
  audit: { method: 'GET', path: '/api/v1/audit', token: true },
  login: { method: 'POST', path: '/api/v1/auth/login', token: false },
  logout: { method: 'POST', path: '/api/v1/auth/logout', token: false },
  refresh: { method: 'POST', path: '/api/v1/auth/refresh', token: false },
  register: { method: 'POST', path: '/api/v1/auth/register', token: false },
  fleet: { method: 'GET', path: '/api/v1/fleet', token: true },
  forms: { method: 'GET', path: '/api/v1/forms', token: true },
  keystore: { method: 'GET', path: '/api/v1/keystore', token: true },
  putKeystore: { method: 'PUT', path: '/api/v1/keystore', token: true },
  deviceMetrics: { method: 'GET', path: '/api/v1/sync/background/metrics', token: true },
  wishPause: { method: 'POST', path: '/api/v1/sync/background/pause', token: true },
  wishResume: { method: 'POST', path: '/api/v1/sync/background/resume', token: true },
  wishedSettings: { method: 'GET', path: '/api/v1/sync/background/settings', token: true },
  wishSettings: { method: 'PUT', path: '/api/v1/sync/background/settings', token: true },
  wishStart: { method: 'POST', path: '/api/v1/sync/background/start', token: true },
  deviceStatus: { method: 'GET', path: '/api/v1/sync/background/status', token: true },
  changes: { method: 'GET', path: '/api/v1/sync/changes', token: true },
  deviceLink: { method: 'GET', path: '/api/v1/sync/connectivity-test', token: true },
  heartbeat: { method: 'POST', path: '/api/v1/sync/heartbeat', token: true },
  push: { method: 'POST', path: '/api/v1/sync/push', token: true },
  uploadOptions: { method: 'OPTIONS', path: '/api/v1/uploads', token: true },
  beginUpload: { method: 'POST', path: '/api/v1/uploads', token: true },
  endUpload: { method: 'DELETE', path: '/api/v1/uploads/{id}', token: true },
  upload: { method: 'HEAD', path: '/api/v1/uploads/{id}', token: true },
  goOnWithUpload: { method: 'PATCH', path: '/api/v1/uploads/{id}', token: true },
  uploadByOverride: { method: 'POST', path: '/api/v1/uploads/{id}', token: true },
} as const;
