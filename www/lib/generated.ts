// Generated from Rust by `cargo xtask types`; do not edit.

/** A point in time, or a span of it, in milliseconds; as a point, since 1970-01-01T00:00Z. */
export type Millis = number;

/** The id of a queued item and its idempotency key: a UUIDv7 made by the device that took the entry.
 *
 * As text it sorts by the time it was made, so a store keyed by it is in order of entry.
 */
export type ItemId = string;

/** What kind of record an item carries. */
export type ItemType = "READING" | "ASSESSMENT" | "RESPONSE" | "MEDIA";

/** What an item does to its entity. */
export type Action = "CREATE" | "UPDATE" | "DELETE";

/** How urgent the person who entered an item said it is. */
export type Priority = "HIGH" | "NORMAL" | "LOW";

/** A month, written `YYYY-MM`. Any text can be held; [`Reading::validate`] says whether it is a month. */
export type Period = string;

/** What makes a reading the only one of its kind: property, unit, meter and period. One reading a key, on the device
 * and on the server.
 */
export type NaturalKey = string;

/** `data` of a READING. */
export type Reading = {
  /** The building or site, as its code says. */
  property: string,
  /** The flat, shop or room within it. */
  unit: string,
  /** The meter, where a unit has several; absent, it is the unit's only one. */
  meter?: string,
  /** The month it counts for. */
  period: Period,
  /** What the meter shows, in the meter's own unit. */
  value: number,
  /** When the meter was read, by the device's clock. */
  readAt: Millis,
  /** Who read it. */
  reader?: string,
  /** Anything worth saying. */
  note?: string, };

/** A stable name for what went wrong; the same on the wire, in the ledger and at the JavaScript boundary. */
export type Code = "bad_request" | "invalid" | "unsupported" | "duplicate_reading" | "id_reused" | "too_large" | "repeated_id" | "not_found" | "method_not_allowed" | "unsupported_media_type" | "too_many_requests" | "unavailable" | "internal";

/** What is wrong with one field, for the person who filled it in. */
export type FieldError = {
  /** The field's JSON name, such as `period`. */
  field: string,
  /** A sentence that says what to enter instead. */
  message: string, };

/** The limits of one push, as a 413 answer states them. */
export type PushLimits = {
  /** Items in one push. */
  maxItems: number,
  /** Bytes of JSON in one push. */
  maxBytes: number, };

/** An error answer: an RFC 9457 problem document (`application/problem+json`) with a stable `code`. */
export type Problem = {
  /** Always `about:blank`: the `code` tells problems apart. */
  type: string,
  /** A few words, the same for every problem of this code. */
  title: string,
  /** The HTTP status. */
  status: number,
  /** A sentence about this very case. */
  detail: string,
  /** The stable code. */
  code: Code,
  /** The limits that were exceeded. */
  limits?: PushLimits,
  /** The fields that were not acceptable. */
  fields?: Array<FieldError>, };

/** The answer to `GET /api/ping?nonce=N`: it echoes the nonce, so a cache or a captive portal cannot fake it. */
export type Pong = {
  /** The nonce that was asked with, unchanged. */
  nonce: string,
  /** The server's clock. */
  serverTime: Millis, };

/** One item of a push. Sent again under the same id with the same content it changes nothing more. */
export type PushItem = {
  /** The idempotency key. */
  id: ItemId,
  /** What kind of record it carries. */
  type: ItemType,
  /** What it does to its entity. */
  action: Action,
  /** The entity it is about; for a new one, the item's own id. */
  entityId: ItemId,
  /** For an update or delete: the version the change was made against. */
  baseVersion?: number,
  /** How urgent it is. */
  priority: Priority,
  /** When it was entered, by the device's clock. */
  createdAt: Millis,
  /** The whole record, for a create. Kept as the very bytes that were stored on the device, so that what is sent
   * again is the same to the letter.
   */
  data?: unknown,
  /** A JSON merge patch (RFC 7396), for an update. */
  patch?: unknown,
  /** An item that must be applied before this one. */
  dependsOn?: ItemId, };

/** The body of `POST /api/v1/sync/push`: at most [`MAX_PUSH_ITEMS`](crate::MAX_PUSH_ITEMS) items and
 * [`MAX_PUSH_BYTES`](crate::MAX_PUSH_BYTES) of JSON.
 */
export type PushRequest = {
  /** The device that sends, as it named itself. */
  deviceId: string,
  /** The items, in the order in which they are to be applied. */
  items: Array<PushItem>, };

/** What became of an item. */
export type PushStatus = "applied" | "replayed" | "conflict" | "rejected" | "retry";

/** The receipt, or refusal, of one item. */
export type ItemResult = {
  /** The item this is about. */
  id: ItemId,
  /** What became of it. */
  status: PushStatus,
  /** The entity's version after it. */
  version?: number,
  /** For a conflict: what the server has. */
  serverItem?: unknown,
  /** Why it was refused. */
  code?: Code,
  /** Why it was refused, as a sentence. */
  message?: string,
  /** The fields that were not acceptable. */
  fields?: Array<FieldError>,
  /** How long to wait before it is sent again, in milliseconds. */
  retryAfterMs?: Millis, };

/** The answer to a push: one result an item, in the order of the request. */
export type PushResponse = {
  /** What became of each item. */
  results: Array<ItemResult>,
  /** The user's head after this push; opaque to the device, which hands it back to `GET /api/v1/sync/changes`. */
  cursor: string, };

/** What someone entered, before the engine has stamped and checked it. */
export type Draft = {
  /** What kind of record it is. */
  type: ItemType,
  /** What it does; a create unless said otherwise. */
  action?: Action,
  /** How urgent it is. */
  priority?: Priority,
  /** The record itself, such as a `Reading`. */
  data: unknown,
  /** A queued item that this one takes the place of: the person saw both values and chose this one. */
  replaces?: ItemId, };

/** Where an item is on its way. */
export type ItemState = "pending" | "inFlight" | "retryAt" | "conflict" | "setAside" | "done";

/** The sorts of trouble. */
export type TroubleKind = "network" | "server" | "validation" | "conflict" | "authorization";

/** What went wrong with an item. */
export type Trouble = {
  /** The sort of it. */
  kind: TroubleKind,
  /** The server's stable code. */
  code?: Code,
  /** In plain words. */
  message: string,
  /** The fields that were not acceptable. */
  fields?: Array<FieldError>, };

/** The server's word that an item took effect. */
export type ReceiptView = {
  /** `applied`, or `replayed` when the first receipt was lost on its way. */
  status: PushStatus,
  /** The entity's version after it. */
  version: number,
  /** When this device got it. */
  at: Millis, };

/** A queued item, or the receipt of one that is done, as pages show it. */
export type Item = {
  /** Its id, and the idempotency key it is sent under. */
  id: ItemId,
  /** What kind of record it carries. */
  type: ItemType,
  /** What it does to its entity. */
  action: Action,
  /** The entity it is about. */
  entityId: ItemId,
  /** How urgent it is. */
  priority: Priority,
  /** When it was entered, by this device's clock. */
  createdAt: Millis,
  /** The record itself. */
  data: unknown,
  /** Where it is on its way. */
  state: ItemState,
  /** How often it was sent without being settled. */
  retryCount: number,
  /** When it was last answered. */
  lastAttempt?: Millis,
  /** When it is due again, for `retryAt`. */
  due?: Millis,
  /** What went wrong last. */
  error?: Trouble,
  /** For a conflict: what the server has. */
  serverItem: unknown,
  /** For `done`: the server's receipt. */
  receipt?: ReceiptView, };

/** Which items a list shows. */
export type Shelf = "queue" | "done";

/** A page of a list, newest first. */
export type ListQuery = {
  /** Which items; the queue unless said otherwise. */
  shelf?: Shelf,
  /** At most this many, 1 to 500; 100 unless said otherwise. */
  limit?: number,
  /** Only items entered before this one: the last id of the page before. */
  before?: ItemId, };

/** A page of items. */
export type Listing = {
  /** The items, newest first. */
  items: Array<Item>,
  /** Where the next page begins, if there may be one. */
  next?: ItemId, };

/** One item by its id. */
export type ById = {
  /** The id. */
  id: ItemId, };

/** Nothing to say. */
export type Nothing = Record<string, never>;

/** What brought the engine to look whether there is something to send. */
export type Cause = "sync" | "periodicSync" | "manual" | "start" | "online" | "visible" | "saved" | "timer";

/** Why the engine is woken. */
export type Wake = {
  /** What brought it. */
  cause: Cause, };

/** Who asked for a drain. */
export type Trigger = "auto" | "manual";

/** Where a drain stands, or how it ended. */
export type Progress = {
  /** Who asked for it. */
  trigger: Trigger,
  /** When it began. */
  startedAt: Millis,
  /** When it ended; absent while it runs. */
  endedAt?: Millis,
  /** What it set out to send, and what came on top since. */
  totalItems: number,
  /** On the server, with the receipt on this device. */
  completedItems: number,
  /** Answered, but not accepted: conflicts, refusals, and what must be sent again. */
  failedItems: number,
  /** When something was last sent or tried. */
  lastSyncAttempt?: Millis,
  /** When it goes on by itself, where something remains. */
  nextScheduledSync?: Millis, };

/** Why nothing is being sent. */
export type Why = "offline" | "unsteady" | "serverTrouble" | "serverAsked" | "notAllowed" | "notDue" | "slice" | "elsewhere" | "storage";

/** Nothing is sent until then, and why. */
export type Hold = {
  /** The reason. */
  why: Why,
  /** The reason in words. */
  words: string,
  /** When it is looked at again; something else (the network, a person) may end it sooner. */
  until: Millis, };

/** How a drain ended. Everything counted here is committed on this device. */
export type Settled = {
  /** What was done and what was not. */
  progress: Progress,
  /** What is still to be sent: now, or at a later time. */
  remaining: number,
  /** Why it stopped, where something remains. */
  hold?: Hold, };

/** How many items are in each state, and their bytes; stored, and changed in the same transaction as what it counts. */
export type Totals = {
  /** To be sent. */
  pending: number,
  /** To be sent again at a later time. */
  retryAt: number,
  /** Waiting for a person's choice. */
  conflict: number,
  /** Refused, waiting for a person. */
  setAside: number,
  /** Bytes of JSON of all of them. */
  bytes: number, };

/** Connectivity as far as it is known. `null` is unknown, not offline (I10). */
export type Connectivity = {
  /** Whether the browser sees a network. */
  isOnline: boolean | null, };

/** What the device's sync is doing, from committed facts. */
export type Status = {
  /** Whether a drain runs anywhere on this device: this page, another tab, the worker. */
  isActive: boolean,
  /** The drain that runs, or the last one. */
  currentProgress?: Progress,
  /** What is known of the network. */
  connectivity: Connectivity,
  /** Items not yet on the server. */
  queueSize: number,
  /** The same, by state. */
  totals: Totals,
  /** Why nothing is being sent, and until when. */
  hold?: Hold, };

/** What every page and the worker are told. Only committed facts are told (I6). */
export type Event = { "type": "changed" } | { "type": "started",
  /** Where it stands. */
  progress: Progress, } | { "type": "progressed",
  /** Where it stands. */
  progress: Progress, } | { "type": "settled",
  /** How. */
  settled: Settled, };

/** A stable name for why a call failed. */
export type CallCode = "bad_request" | "invalid" | "unsupported" | "duplicate_reading" | "in_flight" | "not_found" | "storage_full" | "storage" | "timeout" | "internal";

/** Why a call failed, for the page and for the person. */
export type CallError = {
  /** The stable name. */
  code: CallCode,
  /** Whether the same call may succeed later. */
  retryable: boolean,
  /** A sentence for the person. */
  message: string,
  /** The item it is about. */
  itemId?: ItemId,
  /** The fields that were not acceptable. */
  fields?: Array<FieldError>,
  /** For `duplicate_reading`: the data of the item that waits already, whose id is `itemId`. */
  existing?: unknown, };

/** Every call: its question and its answer. */
export interface Calls {
  /** Saves a draft; answers once it is durably stored, and it will be sent by itself. */
  enqueue: [Draft, Item];
  /** One item, queued or done. */
  get: [ById, Item];
  /** A page of the queue or of the receipts, newest first. */
  list: [ListQuery, Listing];
  /** Drops a queued item for good: the only way besides a receipt that one leaves the device (I1). */
  discard: [ById, Item];
  /** What sync is doing. */
  status: [Nothing, Status];
  /** Sends what is due, now; answers once the drain that does it has settled. */
  syncNow: [Nothing, Settled];
  /** Something happened that may make sending possible. */
  wake: [Wake, Settled];
  /** Ends the drain that runs here at its next step: a new version of the app waits to take over. */
  giveWay: [Nothing, Nothing];
}
