/**
 * Near the end of a job, when none of its chunks waits any more, an idle node is given a copy of one that another node still has in hand. Whoever
 * brings a frame first is paid for it; what the other brings later is superseded. A chunk is in two hands at most.
 */
const soonestCopyMs = 60_000
/** The first node may take this many times as long as its frames usually do. */
const patience = 2

/**
 * From when on a chunk may be given to a second node.
 * @param issuedAt when the first node was given it, ms @param frameMs how long a frame of the job usually takes
 */
export const copyDueMs = (issuedAt: number, openFrames: number, frameMs: number): number =>
  issuedAt + Math.max(soonestCopyMs, patience * openFrames * frameMs)

/** Nothing given out later than this can be due. */
export const oldestUndueMs = (nowMs: number): number => nowMs - soonestCopyMs
