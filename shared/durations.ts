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
  /** After a resume from sleep a live connection must answer this fast, or it is made anew. */
  wakePongTimeoutMs: seconds(3),
  /** The clock moved on this much more than we waited: the computer slept. */
  sleepDetectedMs: seconds(10),
  /** A peer that refused us is asked again soon, and then ever more rarely. */
  refusedRetryMinMs: seconds(2),
  refusedRetryMs: minutes(10),
  /** Events that follow each other faster than this travel together. */
  eventBatchMs: 10,
  /** How often events that wait for a slow client are tried again. */
  eventDrainMs: 50,
  /** A session's token is renewed this long before it ends. */
  sessionRenewMs: minutes(2),
  /** Appended text waits this long for more before it is shipped. */
  seriesShipMs: seconds(1),
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
  /** A node that was told of work and does not ask is told again, ever more rarely: live messages may be lost. */
  workHintRepeatMs: seconds(5),
  workHintRepeatMaxMs: minutes(5),
  renderSilenceMs: minutes(30),
  /** A tile takes seconds; a picture says so after each. */
  upscaleSilenceMs: minutes(5),
  upscaleProbeMs: minutes(1),
  upscaleProbeKeptMs: days(7),
  killGraceMs: seconds(5),
  probeTimeoutMs: seconds(90),
  /** The first sample on a card may have to compile kernels. */
  deviceProofTimeoutMs: minutes(10),
  inspectTimeoutMs: minutes(2),
  decodeTimeoutMs: minutes(1),
  // Files
  transferRetryMinMs: seconds(1),
  transferRetryMaxMs: hours(6),
  resultsKeptMs: days(30),
  uploadAbandonedAfterMs: days(7),
  /** A request to the bucket of the server's files: until it begins to answer, or a part of a file is there. */
  fileStoreRequestTimeoutMs: minutes(2),
  // Money
  /** What the network owes is checked this long; then it is final. */
  networkFinalAfterMs: days(3),
  /** How often the gateway looks for what became final. */
  finaliseIntervalMs: minutes(10),
  // Getting in
  ownerSessionMs: days(30),
  /** When a session was last used is written down at most this often. */
  sessionUseNotedMs: hours(1),
  oneTimeLinkMs: minutes(15),
  enrolmentTokenMs: days(7),
  nonceMs: minutes(2),
  nodeSessionMs: hours(1),
  // Processes
  /** A start may be silent this long: one that takes longer says that it is at work, … */
  processStartTimeoutMs: seconds(60),
  /** … which its log says this often. */
  processStartSaidMs: seconds(10),
  processStopTimeoutMs: seconds(8),
  restartMinMs: 500,
  restartMaxMs: seconds(30),
  /** A process that does not stay up rests this long before the next round of restarts. */
  restartRestMs: minutes(10),
  /** How often the shell tells the node how long nobody used the computer, while it wants to know. */
  userIdleTellMs: seconds(2),
  /** A process that serves is asked for a sign of life this often, … */
  processHeartbeatMs: seconds(20),
  /** … may be busy this long, … */
  processSilenceMs: seconds(60),
  /** … and is asked once more before it is ended by force. */
  processLastCallMs: seconds(15),
  lockRetryMs: 200,
  // Blocks and holds
  blockFirstMs: minutes(10),
  blockMaxMs: hours(24),
  // The gateway and its store
  /** A long poll of CouchDB's change feed in which nothing happened is begun anew. */
  feedPollMs: seconds(55),
  /** After own writes, their sequences are read this much later. */
  feedSettleMs: seconds(1),
  feedSettleMaxMs: seconds(15),
  storeRequestTimeoutMs: seconds(15),
  /** What a document of a bulk write adds to that: 2,000 of them may take a minute on a busy disk. */
  storeWriteRowTimeoutMs: 20,
  /** Work that can be repeated from where it stopped only by beginning anew (filling, restoring, moving a store) waits this long for a store that is busy or restarted. */
  storePatienceMs: minutes(15),
  /** Closing the embedded store's port; what it acknowledged is on disk already. */
  storeStopTimeoutMs: seconds(1),
  compactionIntervalMs: minutes(10),
  /** Answering a request over HTTP, uploads and event streams excepted. */
  httpRequestTimeoutMs: minutes(1),
  attemptWindowMs: minutes(5),
  seriesKeptMs: days(30),
  /** The server throws away what is over this often: sessions, used links, old logs, abandoned uploads. */
  upkeepIntervalMs: hours(1),
  /** How long an ended session is still known as ended, and a used-up config still answers the node that used it. */
  endedKeptMs: days(7),
  // What is old (see rules/retention.ts)
  /** What is over stays at least this long where everybody has it at hand. */
  archiveAfterMs: days(90),
  /** The server and the nodes look for what is old a while after they started, … */
  archiveFirstMs: minutes(5),
  /** … and then this often. */
  archiveIntervalMs: hours(1),
  evictIntervalMs: hours(6),
  /** Between two rounds while there is more to put away, so that it is never in the way. */
  archivePauseMs: seconds(2),
  /** One of several gateways puts away at a time; a turn that its gateway did not end is over after this. */
  archiveTurnMs: minutes(10),
  /** What was forgotten locally is still known as forgotten, for windows that were away. */
  evictedKnownMs: days(7),
  // Telemetry
  telemetryActiveMs: seconds(1),
  telemetryIdleMs: seconds(15),
  clockToleranceMs: minutes(2),
  /** A clock must have run evenly this long before anything is thrown away for its age. */
  clockTrustedAfterMs: hours(4),
} as const
