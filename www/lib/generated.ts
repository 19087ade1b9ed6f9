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

/** What an assessment is about, and what a response answers. */
export type AssessmentKind = "HEALTH" | "WASH" | "SHELTER" | "FOOD" | "SECURITY" | "POPULATION";

/** `data` of an ASSESSMENT. Further fields are kept as they are. */
export type Assessment = {
  /** What it is about. */
  kind: AssessmentKind,
  /** The site, as people call it. */
  site: string,
  /** How many people it concerns. */
  population?: number,
  /** Where: latitude and longitude in degrees (WGS 84). */
  gps?: [number, number],
  /** The answers to the form's questions, by the questions' names. */
  answers?: Record<string, unknown>,
  /** Anything worth saying. */
  note?: string, };

/** Where a planned response stands. */
export type ResponseStatus = "PLANNED" | "ACTIVE" | "DONE" | "CANCELLED";

/** `data` of a RESPONSE: what is to be done about an assessment. Further fields are kept as they are. */
export type Response = {
  /** The entity of the assessment that it answers. */
  assessmentId: ItemId,
  /** What it is about. */
  kind: AssessmentKind,
  /** What is to be done. */
  plan: string,
  /** Where it stands. */
  status: ResponseStatus, };

/** `data` of a MEDIA: a photo or file, inline where it is small, else by its hash with the bytes uploaded. */
export type Media = {
  /** The media type, such as `image/jpeg`. */
  mime: string,
  /** The bytes themselves, as text (base64), at most [`MAX_INLINE_BYTES`] of it. */
  bytes?: string,
  /** The SHA-256 of the uploaded bytes, in lower-case hexadecimal. */
  sha256?: string,
  /** How many bytes were uploaded. */
  size?: number,
  /** The entity that it belongs to. */
  of?: ItemId,
  /** What it shows, in the person's words, or what the record that it belongs to is called. */
  caption?: string, };

/** A stable name for what went wrong; the same on the wire, in the ledger and at the JavaScript boundary. */
export type Code = "bad_request" | "invalid" | "unsupported" | "duplicate_reading" | "id_reused" | "version_conflict" | "unknown_entity" | "dependency_missing" | "file_missing" | "upload_offset" | "upload_locked" | "checksum_mismatch" | "cursor_expired" | "unauthorized" | "forbidden" | "device_revoked" | "bad_credentials" | "email_taken" | "keystore_behind" | "too_large" | "repeated_id" | "not_found" | "method_not_allowed" | "unsupported_media_type" | "too_many_requests" | "no_room" | "unavailable" | "internal";

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

/** What a person may do. */
export type Role = "worker" | "supervisor";

/** The body of `POST /api/v1/auth/register` and `POST /api/v1/auth/login`. */
export type Credentials = {
  /** The address of the account, in any case of letters. */
  email: string,
  /** Its password: [`MIN_PASSWORD`] to [`MAX_PASSWORD`] characters. */
  password: string,
  /** The device that logs in, as it names itself: it is registered thereby. Without it a device has to be registered
   * before anything can be synced.
   */
  deviceId?: string, };

/** The answer to a registration, a login and a refresh. */
export type Tokens = {
  /** Goes with every request, as `Authorization: Bearer …`. It names the user, the role and the device. */
  accessToken: string,
  /** Is handed in once, for the next two tokens. */
  refreshToken: string,
  /** How long the access token is good, in seconds. */
  expiresIn: number, };

/** The body of `POST /api/v1/auth/refresh` and `POST /api/v1/auth/logout`. */
export type RefreshRequest = {
  /** The refresh token given last. */
  refreshToken: string, };

/** The body of `POST /api/sync/register`. */
export type DeviceRegistration = {
  /** As the device names itself. */
  deviceId: string,
  /** What its owner calls it. */
  name?: string, };

/** A device of a person. */
export type Device = {
  /** As it named itself. */
  deviceId: string,
  /** What its owner calls it; may be empty. */
  name: string,
  /** When it was registered first, by the server's clock. */
  registeredAt: Millis,
  /** When it was last heard of, to within a minute. */
  lastSeenAt: Millis,
  /** When it was revoked: it may do nothing since then. */
  revokedAt?: Millis,
  /** Whether it is the one that asks. */
  current: boolean,
  /** When it last said how it is doing; without it, nothing below is known. */
  reportedAt?: Millis,
  /** Items that were not on the server then. */
  pending?: number,
  /** When the oldest of them was entered, by the device's clock. */
  oldestUnsentAt?: Millis,
  /** How sure it is that they stay. */
  storage?: StorageRisk,
  /** Bytes that it had stored. */
  storageUsage?: number,
  /** Bytes that it could store. */
  storageQuota?: number,
  /** The last rotation of keys that it had. */
  lastRotation?: RotationMark, };

/** The answer to `POST /api/sync/register`: from here on the login is this device's, and so is its next access token. */
export type RegisteredDevice = {
  /** The device. */
  device: Device,
  /** An access token that names it. */
  accessToken: string,
  /** How long that is good, in seconds. */
  expiresIn: number, };

/** The answer to `GET /api/sync/devices`. */
export type Devices = {
  /** The caller's own, revoked ones too. */
  devices: Array<Device>, };

/** One item of a push. Sent again under the same id with the same content it changes nothing more. */
export type PushItem = {
  /** The idempotency key. */
  id: ItemId,
  /** What kind of record it carries. */
  type: ItemType,
  /** What it does to its entity. */
  action: Action,
  /** The entity it is about; absent where that has the item's own id, which a new one usually takes. A corrected
   * create keeps the entity's id under an item id of its own.
   */
  entityId?: ItemId,
  /** For an update or delete: the version the change was made against. */
  baseVersion?: number,
  /** How urgent it is; the usual where it says nothing. */
  priority: Priority,
  /** When it was entered, by the device's clock; absent where that is the time in its id. */
  createdAt?: Millis,
  /** The whole record, for a create. Kept as the very bytes that were stored on the device, so that what is sent
   * again is the same to the letter.
   */
  data?: unknown,
  /** A JSON merge patch (RFC 7396), for an update. */
  patch?: unknown,
  /** An item that must have taken effect before this one; until then this one is answered `retry` with code
   * `dependency_missing`.
   */
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
  /** For a replay: nothing has changed the entity since, so what the item made of it is what the server has. */
  latest?: boolean,
  /** For a conflict: what the server has, a [`ServerItem`]. */
  serverItem?: unknown,
  /** Why it was refused. */
  code?: Code,
  /** Why it was refused, as a sentence. */
  message?: string,
  /** The fields that were not acceptable. */
  fields?: Array<FieldError>,
  /** How long to wait before it is sent again, in milliseconds. */
  retryAfterMs?: Millis, };

/** The other side of a conflict: the shape of `serverItem`. */
export type ServerItem = {
  /** The entity that the server has. */
  entityId: ItemId,
  /** Its version. */
  version: number,
  /** When it last changed, by the server's clock. */
  updatedAt: Millis,
  /** The record; absent where it was deleted. */
  data?: unknown,
  /** It was deleted. */
  deleted?: boolean, };

/** The answer to a push: one result an item, in the order of the request. */
export type PushResponse = {
  /** What became of each item. */
  results: Array<ItemResult>,
  /** The user's head after this push; opaque to the device, which hands it back to `GET /api/v1/sync/changes`. */
  cursor: string, };

/** What an audit row is about. */
export type AuditEvent = "item" | "register" | "login" | "refresh" | "logout" | "device_register" | "device_revoke" | "keystore_put" | "sync_start" | "sync_settings" | "sync_pause" | "sync_resume" | "schedule_create" | "schedule_disable" | "sync_schedule_execution" | "bandwidth_limit" | "upload_begin" | "upload_finish" | "upload_end";

/** What became of it. */
export type Outcome = "applied" | "conflict" | "rejected" | "done" | "refused";

/** Who did what, from where, when, and what became of it. Never a secret, and nothing of a record but its id. */
export type AuditRow = {
  /** Its number among the person's rows, from 1, without gaps. */
  number: number,
  /** When it was, by the server's clock. */
  at: Millis,
  /** What it is about. */
  event: AuditEvent,
  /** Who did it, where that was another than the person whose row this is: a supervisor's id. */
  actorId?: string,
  /** The device it was done on, as it names itself, where that is known. */
  deviceId?: string,
  /** The device it was done to, where that is another. */
  subjectId?: string,
  /** The item. */
  itemId?: ItemId,
  /** The entity that the item is about; absent in rows of long ago. */
  entityId?: ItemId,
  /** What kind of record that is. */
  type?: ItemType,
  /** What the item does to it. */
  action?: Action,
  /** The schedule. */
  scheduleId?: string,
  /** The upload. */
  uploadId?: string,
  /** How many changes it found for the device. */
  changesDetected?: number,
  /** What became of it. */
  outcome: Outcome,
  /** Why it was refused. */
  code?: Code, };

/** The answer to `GET /api/v1/audit?before&limit`: the caller's own rows, or with `user`, for a supervisor, those of
 * somebody of the team.
 */
export type AuditPage = {
  /** The latest first. */
  rows: Array<AuditRow>,
  /** What to ask for as `before` to get the earlier ones; absent where there are none. */
  next?: number, };

/** An entity as it is now, in the order in which a user's entities last changed. */
export type Change = {
  /** What kind of record it is. */
  type: ItemType,
  /** The entity. */
  entityId: ItemId,
  /** Its version, from 1; every change of it counts one up. */
  version: number,
  /** When it last changed, by the server's clock. */
  updatedAt: Millis,
  /** The whole record; absent where it was deleted. */
  data?: unknown,
  /** It was deleted: a tombstone. */
  deleted?: boolean, };

/** The answer to `GET /api/v1/sync/changes?cursor&limit`. Without a cursor it begins with everything there is (a
 * snapshot, without tombstones); a cursor that the server no longer honours is answered 410 `cursor_expired`.
 */
export type ChangesResponse = {
  /** What has changed since the cursor, oldest change first. */
  changes: Array<Change>,
  /** Where the next question begins; opaque. */
  cursor: string,
  /** Whether there is more at once. */
  hasMore: boolean, };

/** What becomes of a clash between an entry and what the server has. */
export type ConflictPolicy = "ask" | "keepNewest" | "keepMine" | "keepTheirs";

/** How background sync behaves on a device (B3). Every one of them takes effect without a reload. */
export type Settings = {
  /** Whether anything is sent without a person's asking. */
  enabled: boolean,
  /** Wait for the charger; where the device does not say, this holds nothing. */
  syncOnlyWhenCharging: boolean,
  /** Wait below this charge, in percent, unless it is charging. */
  minimumBatteryLevel: number,
  /** At most so many pushes on their way at once, 1 to 8. */
  maximumConcurrentOperations: number,
  /** How often the device looks by itself, in minutes, 1 to 1,440. */
  syncIntervalMinutes: number,
  /** After so many answers that did not settle an item it is set aside for the person, 1 to 100. */
  maxRetryAttempts: number,
  /** The lowest priority that is sent without a person's asking. */
  priorityThreshold: Priority,
  /** The hour of the day, 0 to 23, from which on what is LOW, photos and files are sent too; */
  offPeakFrom: number,
  /** and the hour from which on they wait. Where both are the same they wait for no hour. */
  offPeakTo: number,
  /** What becomes of a clash. */
  conflictPolicy: ConflictPolicy,
  /** Whether the device keeps figures of its drains. */
  metrics: boolean,
  /** How long it keeps them, in days, 1 to 3,650. */
  metricsDays: number,
  /** How long it keeps receipts of what was accepted, in days, 1 to 3,650. */
  receiptDays: number, };

/** How a condition compares. */
export type Op = "eq" | "ne" | "gt" | "gte" | "lt" | "lte" | "in" | "contains" | "exists";

/** One condition of a rule. */
export type Condition = {
  /** `type`, `action`, or a JSON pointer into the record, such as `/population`. */
  field: string,
  /** How it is compared. */
  op: Op,
  /** With what. */
  value: unknown, };

/** A priority rule (B4): while all of its conditions hold of an item, its points count. */
export type Rule = {
  /** A stable name, unique among the rules. */
  id: string,
  /** What it is called. */
  name: string,
  /** Whether it counts. */
  on: boolean,
  /** All of them must hold; with none, it holds of every item. */
  conditions: Array<Condition>,
  /** Added to the item's score, -100 to 100. */
  points: number, };

/** What carries the network. */
export type ConnectionType = "wifi" | "cellular" | "ethernet" | "unknown";

/** How good the link is, from pings and transfers, best first. */
export type ConnectionQuality = "excellent" | "good" | "poor" | "offline";

/** Connectivity as far as it is known. `null` is unknown: not offline, and not a full battery (I10). */
export type Connectivity = {
  /** Whether the browser sees a network. */
  isOnline: boolean | null,
  /** What carries it. */
  connectionType: ConnectionType,
  /** How good it is. */
  connectionQuality: ConnectionQuality | null,
  /** When the server last answered. */
  lastConnected: Millis | null,
  /** Measured, in Mbit/s. */
  networkSpeed: number | null,
  /** In percent. */
  batteryLevel: number | null,
  /** Whether the battery is being charged. */
  isCharging: boolean | null, };

/** Who asked for a drain. */
export type Trigger = "auto" | "manual";

/** What is being sent at this moment. */
export type CurrentOperation = {
  /** What kind of record leads the push. */
  type: ItemType,
  /** Its entity. */
  entityId: ItemId,
  /** How much of the drain's bytes is committed, 0 to 100. */
  progress: number,
  /** Until nothing is left to send, in seconds. */
  estimatedTimeRemaining?: number, };

/** Where a drain stands, or how it ended (B6). Everything counted is committed on the device (I6). */
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
  /** What is being sent. */
  currentOperation?: CurrentOperation,
  /** When something was last sent or tried. */
  lastSyncAttempt?: Millis,
  /** When it goes on by itself, where something remains. */
  nextScheduledSync?: Millis,
  /** How long a drain took on average, over the last ones. */
  averageSyncDuration?: Millis, };

/** The figures of one drain (B7). */
export type SessionMetrics = {
  /** Its name: the epoch of the drain, and so the order of drains on this device. */
  sessionId: number,
  /** Who asked for it. */
  trigger: Trigger,
  /** When it began. */
  startTime: Millis,
  /** When it ended. */
  endTime?: Millis,
  /** Answers to items: succeeded and failed. */
  itemsProcessed: number,
  /** Accepted. */
  itemsSucceeded: number,
  /** Answered, but not accepted. */
  itemsFailed: number,
  /** Bytes of the accepted items' records before anything was saved. */
  totalDataSynced: number,
  /** Bytes of bodies on the wire, both ways. */
  networkUsage: number,
  /** Bytes that compression saved. */
  savedByCompression: number,
  /** Bytes that sending only changed fields saved. */
  savedByDelta: number,
  /** Requests made: pings, refreshes, pushes. */
  requests: number,
  /** Percent of the battery; absent where the device does not say, or was charging. */
  batteryUsed?: number,
  /** How good the link was at the end. */
  connectionQuality?: ConnectionQuality,
  /** What went wrong, in plain words, the last 20. */
  errors?: Array<string>, };

/** Averages over the sessions kept (B7). */
export type AveragePerformance = {
  /** Items accepted in a minute of draining. */
  itemsPerMinute: number,
  /** Accepted of all answered, 0 to 1. */
  successRate: number,
  /** Percent of the battery a session, where known. */
  averageBatteryUsage: number | null,
  /** Bytes on the wire a session. */
  averageNetworkUsage: number, };

/** Something a person may want to change, from the figures. */
export type Advice = {
  /** A stable name. */
  topic: string,
  /** A sentence. */
  message: string, };

/** `GET …/sync/background/metrics` (B8). */
export type MetricsReport = {
  /** The drain that runs, or the last one. */
  current?: SessionMetrics,
  /** The ones before, newest first. */
  historical: Array<SessionMetrics>,
  /** Averages over all of them. */
  averagePerformance: AveragePerformance,
  /** What the figures suggest. */
  advice: Array<Advice>, };

/** How often something is done. */
export type ScheduleType = "daily" | "weekly" | "monthly";

/** A day of the week. */
export type Weekday = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

/** What becomes of a clash between an entry of the device's and what the server has. */
export type ResolveConflicts = "keep_newest" | "keep_local" | "keep_remote" | "ask";

/** The body of `POST /api/sync/schedule/create` and `POST /api/sync/schedule/preview`: what a device is to do and when. */
export type ScheduleDraft = {
  /** Which device, as it names itself. */
  deviceId: string,
  /** How often. */
  scheduleType: ScheduleType,
  /** When on such a day, written `HH:MM`. A time that clocks leave out when they are put forward is made up for at
   * once; one that comes twice counts the first time.
   */
  timeOfDay: string,
  /** By the clocks of which place, as the IANA names it: `Europe/Berlin`. */
  timeZone: string,
  /** On which day of a week, for a weekly one. */
  dayOfWeek?: Weekday,
  /** On which day of a month, 1 to 31, for a monthly one. */
  dayOfMonth?: number,
  /** Whether what was deleted is deleted on the other side too. */
  syncDeletions: boolean,
  /** What becomes of a clash. */
  resolveConflicts: ResolveConflicts, };

/** A schedule of the caller's. */
export type Schedule = {
  /** The server's name for it. */
  id: string,
  /** When it was made. */
  createdAt: Millis,
  /** When it was disabled; it stays so. */
  disabledAt?: Millis,
  /** When it runs next; absent where it is disabled. It is looked at every five minutes. */
  nextRunAt?: Millis,
  /** When it ran last. */
  lastRunAt?: Millis,
  /** The next runs, the first first. */
  nextRuns: Array<Millis>,
  /** Which device, as it names itself. */
  deviceId: string,
  /** How often. */
  scheduleType: ScheduleType,
  /** When on such a day, written `HH:MM`. A time that clocks leave out when they are put forward is made up for at
   * once; one that comes twice counts the first time.
   */
  timeOfDay: string,
  /** By the clocks of which place, as the IANA names it: `Europe/Berlin`. */
  timeZone: string,
  /** On which day of a week, for a weekly one. */
  dayOfWeek?: Weekday,
  /** On which day of a month, 1 to 31, for a monthly one. */
  dayOfMonth?: number,
  /** Whether what was deleted is deleted on the other side too. */
  syncDeletions: boolean,
  /** What becomes of a clash. */
  resolveConflicts: ResolveConflicts, };

/** The answer to `GET /api/sync/schedules`. */
export type Schedules = {
  /** In the order in which they were made, disabled ones too. */
  schedules: Array<Schedule>, };

/** The answer to `POST /api/sync/schedule/preview`. */
export type SchedulePreview = {
  /** The next runs, the first first. */
  nextRuns: Array<Millis>, };

/** What became of a run. */
export type RunOutcome = "asked" | "revoked" | "failed";

/** A run of a schedule. */
export type ScheduleRun = {
  /** Its number, from 1. */
  number: number,
  /** When it was, by the server's clock. */
  at: Millis,
  /** When it was due: of several that were missed, the first. */
  dueAt: Millis,
  /** How many records have changed on the server since what it told the device last. */
  changesDetected: number,
  /** What became of it. */
  outcome: RunOutcome, };

/** The answer to `GET /api/sync/schedule/{id}/runs`. */
export type ScheduleRuns = {
  /** The latest first; no more than the last [`MAX_SCHEDULE_RUNS`]. */
  runs: Array<ScheduleRun>, };

/** The body of `POST /api/sync/bandwidth/limit`. */
export type SetBandwidthLimit = {
  /** For which device, as it names itself; absent, for all that have no limit of their own. */
  deviceId?: string,
  /** Bytes a second that may be sent to the server, from 1 up; null where there is no limit. */
  uploadSpeedLimit: number | null,
  /** Bytes a second that may be taken from the server, from 1 up; null where there is no limit. */
  downloadSpeedLimit: number | null, };

/** The limits of one device. */
export type DeviceBandwidthLimit = {
  /** Which, as it names itself. */
  deviceId: string,
  /** Bytes a second that it may send; null where what holds for all holds for it. */
  uploadSpeedLimit: number | null,
  /** Bytes a second that it may take; null where what holds for all holds for it. */
  downloadSpeedLimit: number | null, };

/** The answer to `GET` and `POST /api/sync/bandwidth/limit`: what a person has set. */
export type BandwidthLimits = {
  /** Bytes a second that each device may send; null where there is no limit. */
  uploadSpeedLimit: number | null,
  /** Bytes a second that each device may take; null where there is no limit. */
  downloadSpeedLimit: number | null,
  /** The devices with limits of their own, by their ids. */
  devices: Array<DeviceBandwidthLimit>, };

/** How sure it is that what is stored on a device stays there. */
export type StorageRisk = "safe" | "evictable" | "low";

/** Which rotation a device has last. */
export type RotationMark = {
  /** Its sequence, from 1. */
  sequence: number,
  /** Its name: 64 hexadecimal digits. */
  id: string, };

/** The body of `PUT /api/v1/keystore`. */
export type KeystorePut = {
  /** The text of the file; the server can read nothing of what is sealed in it. */
  keystore: string,
  /** The sequence of its last rotation. */
  sequence: number,
  /** The revision that it was made from, 0 where there was none: where another device was quicker, it is refused. */
  after?: number, };

/** A rotation, without what is sealed in it. */
export type RotationTold = {
  /** Its name. */
  id: string,
  /** From 1. */
  sequence: number,
  /** When it was made, by the clock of the device that made it. */
  createdAt: Millis,
  /** That device's id. */
  byDevice: string,
  /** Its public key. */
  publicKey: string, };

/** The answer to `GET /api/v1/keystore` and to `PUT`: what the server carries. */
export type CarriedKeystore = {
  /** The text of the file. */
  keystore: string,
  /** The sequence of its last rotation. */
  sequence: number,
  /** Counts up with every change, from 1. */
  revision: number,
  /** When it was changed last, by the server's clock. */
  updatedAt: Millis,
  /** The device that did, where that is known. */
  byDevice?: string,
  /** What stands in clear of its rotations, for who only wants to know how devices stand to one another. Nobody has
   * looked at their signatures: who takes the keystore in does.
   */
  rotations: Array<RotationTold>, };

/** What a device is doing, as it says in a [`Heartbeat`]. Nothing of a record but the id of the one that is being sent. */
export type Activity = {
  /** Whether a drain runs. */
  isActive: boolean,
  /** Whether sync is paused. */
  isPaused: boolean,
  /** The drain that runs, or the last one. */
  currentProgress?: Progress,
  /** What the device knows of its network. */
  connectivity: Connectivity,
  /** When the drain that runs will be through, as far as its pace tells. */
  estimatedCompletionTime?: Millis,
  /** What went wrong last, in plain words. */
  lastError?: string, };

/** The body of `POST /api/v1/sync/heartbeat`: how a device is doing. What is absent is unknown (I10). */
export type Heartbeat = {
  /** The device, as it names itself. */
  deviceId: string,
  /** Items that are not on the server yet. */
  pending: number,
  /** When the oldest of them was entered. */
  oldestUnsentAt?: Millis,
  /** How sure it is that they stay. */
  storage?: StorageRisk,
  /** Of the app. */
  appVersion?: string,
  /** What it is doing. */
  activity?: Activity,
  /** Its figures, where their owner lets them be kept. */
  metrics?: MetricsReport,
  /** The revision of the wishes that it has taken. */
  wishesTaken?: number,
  /** The last rotation that it has. */
  lastRotation?: RotationMark,
  /** Bytes that it has stored. */
  storageUsage?: number,
  /** Bytes that it may store. */
  storageQuota?: number, };

/** What a device is asked to do by its owner from elsewhere, or by a supervisor. It reads them and decides: a wish is
 * not a command.
 */
export type Wishes = {
  /** Counts one up with each wish; 0 where there never was one. */
  revision: number,
  /** The revision of the last wish for a drain. A device that has taken an earlier revision starts one. */
  startRevision: number,
  /** The revision of the last wish about settings or a pause. */
  settingsRevision: number,
  /** Whether sync is to be paused. */
  paused?: boolean,
  /** The settings that are to change; the others stay. */
  settings?: Partial<Settings>,
  /** The last revision that the device has said to have taken. */
  takenRevision: number, };

/** The answer to a heartbeat. */
export type HeartbeatAnswer = {
  /** What is asked of the device. */
  wishes: Wishes,
  /** The server's clock. */
  now: Millis, };

/** A device of the team, as far as a supervisor sees it: never what is on it. */
export type FleetDevice = {
  /** Whose it is. */
  userId: string,
  /** The same person's address. */
  email: string,
  /** As it names itself. */
  deviceId: string,
  /** What its owner calls it; may be empty. */
  name: string,
  /** When it was last heard of, to within a minute. */
  lastSeenAt: Millis,
  /** When it was revoked. */
  revokedAt?: Millis,
  /** When it last said how it is doing; without it, nothing below is known. */
  reportedAt?: Millis,
  /** Items that were not on the server then. */
  pending?: number,
  /** When the oldest of them was entered, by the device's clock. */
  oldestUnsentAt?: Millis,
  /** How sure it is that they stay. */
  storage?: StorageRisk,
  /** Of the app. */
  appVersion?: string,
  /** Whether there are wishes that it has not taken yet. */
  wishesWaiting: boolean, };

/** The answer to `GET /api/v1/fleet?after&limit`, for a supervisor. */
export type FleetPage = {
  /** By person and device. */
  devices: Array<FleetDevice>,
  /** What to ask for as `after` to get more; absent where there is none. */
  next?: string, };

/** The server's answer to `GET …/sync/background/status?device&user`: what the device said last, and what is asked of it. */
export type DeviceStatus = {
  /** Items that were not on the server. */
  queueSize?: number,
  /** When it said so; without it nothing of the above is known. */
  reportedAt?: Millis,
  /** When it was last heard of, to within a minute. */
  lastSeenAt: Millis,
  /** What is asked of it. */
  wishes: Wishes,
  /** Whether a drain runs. */
  isActive: boolean,
  /** Whether sync is paused. */
  isPaused: boolean,
  /** The drain that runs, or the last one. */
  currentProgress?: Progress,
  /** What the device knows of its network. */
  connectivity: Connectivity,
  /** When the drain that runs will be through, as far as its pace tells. */
  estimatedCompletionTime?: Millis,
  /** What went wrong last, in plain words. */
  lastError?: string, };

/** The data of the event `head` of `GET /api/v1/events`: something of the user's has changed. A device that stands
 * elsewhere asks for changes.
 */
export type HeadMoved = {
  /** Where the user's changes stand; opaque, as in the answers to pushes and questions for changes. */
  cursor: string, };

/** The data of the events `settings` and `start`: there is a wish that the device has not read. Its next heartbeat is
 * answered with it.
 */
export type WishMade = {
  /** Of the wish. */
  revision: number, };

/** The data of the event `roster`: a device of the user's came, went or has another name, or the keystore that
 * the server carries was changed.
 */
export type RosterChanged = {
  /** Counts up with every such change. */
  revision: number, };

/** How the passphrase becomes the key that seals the others: Argon2id, version 0x13, one lane, 32 bytes.
 *
 * Of two the greater counts, on devices and on the server: the one that was changed more often; where two were changed at
 * once, by the fields in their order one of them everywhere.
 */
export type PassphraseLock = {
  /** Counted up by every change of the passphrase. */
  revision: number,
  /** 16 random bytes, unpadded base64url. */
  salt: string,
  /** Memory, in KiB. */
  memoryKib: number,
  /** Passes over it. */
  passes: number, };

/** New keys, made on one device for all of a person's. */
export type Rotation = {
  /** 1 for the first, and one more than that of the rotation before. */
  sequence: number,
  /** When, by the clock of the device that made it. */
  createdAt: Millis,
  /** That device's id. */
  byDevice: string,
  /** Work that is entered while the vault is locked is sealed to this one: P-256 for ECDH. */
  publicKey: string,
  /** The next rotation is signed by the private half of this one: P-256 for ECDSA. */
  signingKey: string,
  /** The id of the rotation before; the first has none. */
  previous?: string,
  /** Over [`Rotation::signed`], by the rotation before; the first is signed by itself. */
  signature: string,
  /** Its private keys and its data key: AES-256-GCM under the passphrase's key, with the id as associated data. */
  sealed: string, };

/** A person's keys. */
export type Keystore = {
  /** [`KEYSTORE_FORMAT`]. */
  format: number,
  /** Which vault it is of; made with its first rotation. */
  vault: ItemId,
  /** What the passphrase has to do with it. */
  lock: PassphraseLock,
  /** By sequence, then by id; the last [`MAX_ROTATIONS`]. */
  rotations: Array<Rotation>, };

/** Sealed work: what was entered and is not on the server. */
export type SealedWork = {
  /** [`WORK_FORMAT`]. */
  format: number,
  /** When it was made, by the clock of the device that made it. */
  createdAt: Millis,
  /** How many entries are in it. */
  count: number,
  /** How the passphrase becomes the key; the revision is always 1. */
  lock: PassphraseLock,
  /** A 96-bit nonce and what AES-256-GCM makes of the entries, in unpadded base64url; with [`SealedWork::head`] as
   * associated data.
   */
  sealed: string, };

/** What someone entered, before the engine has stamped and checked it. */
export type Draft = {
  /** What kind of record it is. */
  type: ItemType,
  /** What it does; a create unless said otherwise. */
  action?: Action,
  /** How urgent it is. */
  priority?: Priority,
  /** The entity to change or delete; a create makes its own unless one is given. */
  entityId?: ItemId,
  /** The record itself, such as a `Reading`: for an update the whole of it as it is to be, of which only what differs
   * is sent.
   */
  data?: unknown,
  /** For an update, instead of `data`: a JSON merge patch (RFC 7396). */
  patch?: unknown,
  /** The version that the change was made against, where the device does not know it itself. */
  baseVersion?: number,
  /** An item that must be done before this one. */
  dependsOn?: ItemId,
  /** Whether a reading that is unlike the meter's others is refused as `unusual`, so that the person can be asked (C7). */
  ask?: boolean,
  /** A queued item that this one takes the place of: the person saw both values and chose this one. */
  replaces?: ItemId, };

/** Where an item is on its way. */
export type ItemState = "pending" | "inFlight" | "retryAt" | "blocked" | "conflict" | "setAside" | "done";

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
  /** `applied`, or `replayed` when the first receipt was lost on its way; `conflict` where it was given up. */
  status: PushStatus,
  /** The entity's version after it. */
  version: number,
  /** When this device got it. */
  at: Millis,
  /** It is none: in a conflict the server's side was kept, and this took no effect. */
  yielded?: boolean, };

/** A turn on an item's way. */
export type Moment = {
  /** When, by this device's clock. */
  at: Millis,
  /** What it came to be: `retryAt`, `conflict` or `setAside` by an answer, `pending` by a person who sends it again. */
  state: ItemState,
  /** What was wrong then, in plain words. */
  message?: string, };

/** How far a file has come, as pages show it. */
export type UploadProgress = {
  /** Bytes that the server has acknowledged. */
  sent: number,
  /** Bytes of all of it. */
  size: number, };

/** The kinds of steps. */
export type StepKind = "create" | "offset" | "chunk";

/** What a host is to do for a file. */
export type UploadStep = {
  /** What it is. */
  kind: StepKind,
  /** The file, by the entity of its record. */
  file: ItemId,
  /** The SHA-256 of the whole, in lower-case hexadecimal. */
  sha256: string,
  /** Bytes of the whole. */
  size: number,
  /** Where it goes on: the path on the server; not for `create`. */
  url?: string,
  /** The first byte of a chunk, */
  from: number,
  /** and how many go. */
  length: number, };

/** What came of a step. Without a status no answer came; whether the request arrived is unknown. */
export type Uploaded = {
  /** The HTTP status. */
  status?: number,
  /** `Location`, as a path on the server. */
  url?: string,
  /** `Upload-Offset`. */
  offset?: number,
  /** `Retry-After`, in milliseconds. */
  retryAfter?: Millis,
  /** The body. */
  body?: string,
  /** The file is not on this device any more, or not all of it; nothing was sent. */
  gone?: boolean, };

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
  /** How urgent the person said it is. */
  priority: Priority,
  /** How urgent it is by the rules. */
  urgency: Priority,
  /** Its points by the rules: more go sooner, and ten seconds of waiting are worth one. */
  score: number,
  /** The queued item that must be done before it. */
  dependsOn?: ItemId,
  /** When it was entered, by this device's clock. */
  createdAt: Millis,
  /** The record itself, whole where the device knows it. */
  data: unknown,
  /** For an update: what is sent of it. */
  patch?: unknown,
  /** Where it is on its way. */
  state: ItemState,
  /** How often it was sent without being settled. */
  retryCount: number,
  /** When it was last answered. */
  lastAttempt?: Millis,
  /** When it is due again, for `retryAt`. */
  due?: Millis,
  /** What became of it at each answer and at each of a person's wishes, oldest first, the last 20. */
  history?: Array<Moment>,
  /** What went wrong last. */
  error?: Trouble,
  /** For a conflict: what the server has. */
  serverItem: unknown,
  /** For a photo or file that is uploaded: how far it has come. */
  upload?: UploadProgress,
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
  before?: ItemId,
  /** Only items in this state. */
  state?: ItemState, };

/** A page of items. One of those in one state may be short, or empty, and yet not the last: some were being sent. */
export type Listing = {
  /** The items, newest first. */
  items: Array<Item>,
  /** Where the next page begins, if there may be one. */
  next?: ItemId, };

/** Which side counts. */
export type Choice = "mine" | "theirs" | "merged";

/** A person's choice. */
export type Resolve = {
  /** The item in conflict. */
  id: ItemId,
  /** Which side counts. */
  choice: Choice,
  /** For `merged`: the whole record as it is to be. */
  data?: unknown, };

/** The priority rules of this device (B4), in the order in which they are shown. */
export type RuleSet = {
  /** All of them. */
  rules: Array<Rule>, };

/** Rules to be tried against the queue. */
export type Trial = {
  /** All of them. */
  rules: Array<Rule>,
  /** Which page of the queue; the newest items unless said otherwise. */
  page?: ListQuery, };

/** A request to the device, as the service worker met it. */
export type HttpRequest = {
  /** In capitals, as `Request.method` has it. */
  method: string,
  /** Without the origin; a query is ignored. */
  path: string,
  /** The body as text, where there is one. */
  body?: string, };

/** The device's answer. */
export type HttpReply = {
  /** The HTTP status. */
  status: number,
  /** The JSON body. */
  body: unknown,
  /** The content type is `application/problem+json`, else `application/json`. */
  problem: boolean,
  /** For 405: the `Allow` header. */
  allow?: string, };

/** What came of a look at the link: what a few pings came to, and what is known of the link after them. */
export type ConnectivityTest = {
  /** As in the status, with what the pings have shown. */
  connectivity: Connectivity,
  /** Whether the server itself answered: not a cache, and not a portal. */
  reachable: boolean,
  /** From a ping to its answer, the mean of those that were answered. */
  roundTripMs?: number,
  /** Pings sent. */
  pings: number,
  /** Those that were answered. */
  answered: number, };

/** What a page got from the server for an address and a password. */
export type SignIn = {
  /** The address of the account. */
  email: string,
  /** The answer to the login. */
  tokens: Tokens, };

/** Nobody is signed in any more; what is queued stays. */
export type SignedOut = {
  /** To be handed in at `POST /api/v1/auth/logout`, so that the server ends the login too. */
  refreshToken?: string, };

/** This device, and who is signed in on it. */
export type Account = {
  /** The name under which this device pushes; a login is for it. */
  deviceId: string,
  /** The person whose entries are here, signed in or not. */
  email?: string,
  /** Whether they are signed in. */
  signedIn: boolean,
  /** What goes with the page's own questions to the server; it may have to be renewed, which the next drain does. */
  accessToken: string, };

/** A meter: where it is, and which one where a unit has several. */
export type OfMeter = {
  /** The property's code. */
  property: string,
  /** The unit's. */
  unit: string,
  /** The meter's, where the unit has several. */
  meter?: string,
  /** The month that is to be read; only readings before it are looked at. */
  period?: Period, };

/** A record as the server was last known to have it. */
export type ServerRecord = {
  /** Its entity. */
  entityId: ItemId,
  /** Its version there. */
  version: number,
  /** The record. */
  data: unknown, };

/** What a reading is likely to be. */
export type Expected = {
  /** From this value, */
  from: number,
  /** to this one: the least and the most that a month has used before, since the last reading. */
  to: number, };

/** The last reading of a meter, and what the next one will be like. */
export type Latest = {
  /** It; nothing where none is known. */
  reading?: ServerRecord,
  /** For the month that was named: what is to be expected, where enough readings are known. */
  expected?: Expected, };

/** Which records are asked for. */
export type RecordsQuery = {
  /** Of which type. */
  type: ItemType,
  /** At most this many, 1 to 500; 100 unless said otherwise. */
  limit?: number,
  /** Only those after this one: the last entity of the page before. */
  after?: ItemId, };

/** A page of records, the oldest first. */
export type Records = {
  /** The records. */
  records: Array<ServerRecord>,
  /** Where the next page begins, if there may be one. */
  next?: ItemId, };

/** One item by its id. */
export type ById = {
  /** The id. */
  id: ItemId, };

/** Nothing to say. */
export type Nothing = Record<string, never>;

/** What brought the engine to look whether there is something to send. */
export type Cause = "sync" | "periodicSync" | "manual" | "withoutDeletions" | "start" | "online" | "visible" | "saved" | "power" | "unlocked" | "timer";

/** The battery, as far as it is known. */
export type Power = {
  /** In percent. */
  batteryLevel?: number,
  /** Whether it is being charged. */
  isCharging?: boolean, };

/** Some of the settings: the others stay. */
export type SettingsChange = Partial<Settings>;

/** Why the engine is woken. */
export type Wake = {
  /** What brought it. */
  cause: Cause,
  /** The battery as the page sees it, for the worker, which cannot. */
  power?: Power, };

/** How bad it is, the worst first. */
export type Severity = "critical" | "warning" | "info";

/** What a warning is about: its stable name, by which it is said in other languages. */
export type WarningCode = "missingRotations" | "otherPassphrase" | "unsharedRotations" | "staleDevice" | "oldKey" | "revokedSince" | "downgrade" | "unsynced" | "notPersistent" | "storageFull" | "clockSkew" | "evicted";

/** What a warning is about, in a form that can be said in any language. */
export type WarningFact = {
  /** What it is about. */
  code: WarningCode,
  /** The number in it. */
  number: number, };

/** Something that is not as it should be. */
export type HealthWarning = {
  /** How bad it is. */
  severity: Severity,
  /** What is wrong, in plain words. */
  message: string,
  /** The device that it is about, where it is about one. */
  deviceId?: string,
  /** As a person calls it. */
  deviceName?: string,
  /** What to do, in plain words. */
  recommendation: string,
  /** The same as a fact. */
  metadata?: WarningFact, };

/** The one thing to do. */
export type Remedy = "no-action-needed" | "import-keystore" | "rotate-password";

/** How soon. */
export type Urgency = "low" | "medium" | "high" | "critical";

/** What to do, and why. */
export type Recommendation = {
  /** What. */
  action: Remedy,
  /** Why, in plain words. */
  reason: string,
  /** How soon. */
  priority: Urgency,
  /** Which device it is about, or how much. */
  details?: string, };

/** Who is in step. */
export type Alignment = {
  /** All trusted devices have the same last rotation. */
  aligned: boolean,
  /** The public key of the last rotation that is known; `null` where there are no keys yet. */
  currentKeypairPublicKey: string | null,
  /** Devices that have it. */
  devicesInSync: Array<string>,
  /** Devices that have another. */
  devicesOutOfSync: Array<string>,
  /** Rotations that this device lacks. */
  missingRotations: number,
  /** Days since the trusted device was heard of that has been silent longest. */
  staleDays: number, };

/** Whether the person's devices are in step, and what to do where they are not. */
export type HealthReport = {
  /** This device lacks rotations, or work has waited here for more than a day. */
  needsSync: boolean,
  /** All trusted devices have the same last rotation. */
  isAligned: boolean,
  /** When this device was last in step with the server. */
  lastSyncedAt: Millis | null,
  /** Whole days since then. */
  daysSinceLastSync: number | null,
  /** Trusted devices, this one among them. */
  deviceCount: number,
  /** Who is in step. */
  alignment: Alignment,
  /** The worst first; of alike ones this device's first. */
  warnings: Array<HealthWarning>,
  /** The one thing to do. */
  recommendation: Recommendation,
  /** When this was looked at. */
  lastCheck: Millis,
  /** When it is looked at again; `null` while nothing is planned. */
  nextScheduled: Millis | null, };

/** What the browser says of its storage. `None` is unknown (I10). */
export type Space = {
  /** Whether it has promised to keep what is stored. */
  persisted?: boolean,
  /** Bytes that are taken. */
  usage?: number,
  /** Bytes that may be taken. */
  quota?: number, };

/** What a page keeps of the store's life in another place (a cookie), which the browser does not remove with the store. */
export type StoreMark = {
  /** The name that the device had; a new store makes a new one. */
  device: string,
  /** How many entries waited when it was written. */
  waiting: number, };

/** Where the scheduler stands. */
export type SchedulerState = "IDLE" | "RUNNING" | "PAUSED" | "STOPPED";

/** What is counted of checks (A14). */
export type CheckCounts = {
  /** Checks that came to a report. */
  done: number,
  /** Checks that did not. */
  failed: number,
  /** Wishes that the last report was given for. */
  limited: number,
  /** All checks together, in milliseconds. */
  tookMs: number, };

/** Which part of the queue is packed. */
export type Pack = {
  /** Only items entered before this one: where the part before ended. */
  before?: ItemId, };

/** Unsent work, as it is stored: to the letter, so that what is sent elsewhere is the same (I3). */
export type Parcel = {
  /** Whose it is; nobody's where nobody was signed in. */
  person?: string,
  /** The entries, by their places in their lanes (I5). */
  records: unknown[],
  /** Where the next part begins, if there may be one. */
  next?: ItemId, };

/** What became of a parcel. */
export type TakenIn = {
  /** Now in the queue here. */
  taken: Array<ItemId>,
  /** So many were here already, in the queue or done. */
  here: number,
  /** So many wait for others that are queued here: once these are sent they can be taken in. */
  left: number, };

/** What is to become of the scheduler. */
export type CheckWish = "look" | "start" | "stop" | "news" | "check";

/** A question to the scheduler. */
export type SchedulerAsk = {
  /** What is to become of it. */
  wish?: CheckWish,
  /** What the browser says of its storage, which a worker cannot ask it. */
  space?: Space,
  /** What the page has kept of the store's life elsewhere. */
  mark?: StoreMark, };

/** A check that was made (A13). */
export type CheckNote = {
  /** When it ended. */
  at: Millis,
  /** Whether this device was out of step with the others; `null` where the check came to no report. */
  needsSync: boolean | null, };

/** How the scheduler stands. */
export type SchedulerView = {
  /** Where it stands. */
  state: SchedulerState,
  /** A check runs in this page or worker. */
  isChecking: boolean,
  /** When the next check is due. */
  nextRun: Millis | null,
  /** When the last check ended that came to a report. */
  lastRun: Millis | null,
  /** The last check came to no report. */
  failed: boolean,
  /** The last report. */
  report: HealthReport | null,
  /** What was counted. */
  counts: CheckCounts,
  /** What the last hundred checks came to, oldest first. */
  history: CheckNote[] | null,
  /** The browser has removed what was stored here: how many entries waited when the app was last open. Until the page
   * keeps a mark of the store of now.
   */
  lost: number | null, };

/** Why nothing is being sent. */
export type Why = "offline" | "unsteady" | "serverTrouble" | "serverAsked" | "notAllowed" | "revoked" | "signedOut" | "notDue" | "slice" | "elsewhere" | "storage" | "paused" | "locked" | "disabled" | "notCharging" | "lowBattery" | "poorLink" | "offPeak" | "belowThreshold";

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
  /** Waiting for another entry to go first. */
  blocked: number,
  /** Waiting for a person's choice. */
  conflict: number,
  /** Refused, waiting for a person. */
  setAside: number,
  /** Bytes of JSON of all of them. */
  bytes: number,
  /** How many writes have made an entry wait or wait no more, ever: who releases those that wait for an entry sees by
   * it that none has come meanwhile.
   */
  laneChanges: number, };

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
  /** A person has paused sync. */
  isPaused: boolean,
  /** Whether what is on the device is sealed, and can be read here. */
  vault: Vault,
  /** Why nothing is being sent, and until when. */
  hold?: Hold,
  /** When the drain that runs will be through, as far as its pace tells. */
  estimatedCompletionTime?: Millis,
  /** What went wrong last, in plain words; nothing since a drain went through without. */
  lastError?: string, };

/** The vault of this device, as the host knows it. */
export type Vault = "absent" | "locked" | "open";

/** What every page and the worker are told. Only committed facts are told (I6). */
export type Event = { "type": "changed" } | { "type": "started",
  /** Where it stands. */
  progress: Progress, } | { "type": "progressed",
  /** Where it stands. */
  progress: Progress, } | { "type": "settled",
  /** How. */
  settled: Settled, } | { "type": "checked" };

/** A stable name for why a call failed. */
export type CallCode = "bad_request" | "invalid" | "unsupported" | "duplicate_reading" | "unusual" | "unchanged" | "locked" | "other_account" | "has_dependents" | "in_flight" | "not_found" | "storage_full" | "storage" | "timeout" | "internal";

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
  /** For `duplicate_reading`: the record on the server that has this key, if it is not an item that waits. */
  entityId?: ItemId,
  /** For `duplicate_reading`: the data of the item that waits already, whose id is `itemId`, or of the server's record. */
  existing?: unknown, };

/** Every call: its question and its answer. */
export interface Calls {
  /** Saves a draft; answers once it is durably stored, and it will be sent by itself. */
  enqueue: [Draft, Item];
  /** One item, queued or done. */
  get: [ById, Item];
  /** A page of the queue or of the receipts, newest first. */
  list: [ListQuery, Listing];
  /** Sends an item again that was set aside, or that waits for its time. */
  retry: [ById, Item];
  /** A person's choice between the two sides of a conflict; answers the new item, or the old one where the server's is
   *  kept. */
  resolve: [Resolve, Item];
  /** Drops a queued item for good: the only way besides a receipt that one leaves the device (I1). */
  discard: [ById, Item];
  /** A part of what is queued, to be taken to another device; it stays here. */
  pack: [Pack, Parcel];
  /** Takes in what another device of the same person has packed, under its own ids: what is here already is passed over. */
  takeIn: [Parcel, TakenIn];
  /** What sync is doing. */
  status: [Nothing, Status];
  /** Sends what is due, now; answers once the drain that does it has settled. */
  syncNow: [Nothing, Settled];
  /** This device, and who is signed in on it. */
  account: [Nothing, Account];
  /** Signs in with what the server answered to a login, and sends what waits for it. */
  signIn: [SignIn, Account];
  /** Signs out. What is queued stays, and waits for the same person. */
  signOut: [Nothing, SignedOut];
  /** The settings. */
  settings: [Nothing, Settings];
  /** Changes some of the settings, and answers all of them; they take effect at once, on every page and in the worker. */
  setSettings: [SettingsChange, Settings];
  /** The last reading of a meter that the server was known to have, from this device's own copy. */
  latest: [OfMeter, Latest];
  /** A page of the records of a type that the server was known to have, from this device's own copy. */
  records: [RecordsQuery, Records];
  /** The priority rules. */
  rules: [Nothing, RuleSet];
  /** Keeps these priority rules in the place of those before; what is queued is scored anew. */
  setRules: [RuleSet, RuleSet];
  /** What these rules would do to a page of the queue; nothing is kept. */
  tryRules: [Trial, Listing];
  /** The figures of the drain that runs or ran last and of those before it, what they come to, and what they suggest. */
  metrics: [Nothing, MetricsReport];
  /** Forgets the figures of all drains. */
  eraseMetrics: [Nothing, Nothing];
  /** Looks at the link: a few pings, and what is known of it after them. Nothing is sent. */
  testConnection: [Nothing, ConnectivityTest];
  /** The scheduler of checks: how it stands, or what is to become of it. */
  scheduler: [SchedulerAsk, SchedulerView];
  /** A request of the interface that the device answers itself, online or not (`/api/v1/sync/background/…`). */
  http: [HttpRequest, HttpReply];
  /** Sends nothing until it is resumed, not even when a person asks. */
  pause: [Nothing, Nothing];
  /** Ends a pause. */
  resume: [Nothing, Nothing];
  /** Something happened that may make sending possible. */
  wake: [Wake, Settled];
  /** Ends the drain that runs here at its next step: a new version of the app waits to take over. */
  giveWay: [Nothing, Nothing];
}
