/** Every wait in the product has its name here. Milliseconds unless the name says otherwise. */
const seconds = (n: number) => n * 1_000
const minutes = (n: number) => n * 60_000
const hours = (n: number) => n * 3_600_000
const days = (n: number) => n * 86_400_000

export const durations = {
  // Sync
  requestTimeoutMs: seconds(30),
  connectTimeoutMs: seconds(10),
  /** A live connection that carried nothing for this long is asked for a sign of life. */
  pingIntervalMs: seconds(20),
  pongTimeoutMs: seconds(10),
  reconnectMinMs: 250,
  reconnectMaxMs: seconds(30),
  replicationRetryMs: seconds(2),
  // Presence and status (design: not heard for 90 s is offline)
  heartbeatIntervalMs: seconds(30),
  offlineAfterMs: seconds(90),
  /** Documents with hot values are refreshed at most this often. */
  documentRefreshMs: minutes(1),
  // Tasks
  leaseMinimumMs: hours(24),
  leaseMarginMs: hours(2),
  workBufferDefaultMs: minutes(30),
  workRequestIntervalMs: seconds(5),
  workRequestMaxIntervalMs: minutes(5),
  renderSilenceMs: minutes(30),
  killGraceMs: seconds(5),
  probeTimeoutMs: seconds(90),
  inspectTimeoutMs: minutes(2),
  decodeTimeoutMs: minutes(1),
  // Files
  transferRetryMinMs: seconds(1),
  transferRetryMaxMs: hours(6),
  resultsKeptMs: days(30),
  uploadAbandonedAfterMs: days(7),
  // Getting in
  ownerSessionMs: days(30),
  oneTimeLinkMs: minutes(15),
  enrolmentTokenMs: days(7),
  nonceMs: minutes(2),
  nodeSessionMs: hours(1),
  // Processes
  processStartTimeoutMs: seconds(60),
  processStopTimeoutMs: seconds(8),
  restartMinMs: 500,
  restartMaxMs: seconds(30),
  lockRetryMs: 200,
  // Blocks and holds
  blockFirstMs: minutes(10),
  blockMaxMs: hours(24),
  // Telemetry
  telemetryActiveMs: seconds(1),
  telemetryIdleMs: seconds(15),
  clockToleranceMs: minutes(2),
} as const
