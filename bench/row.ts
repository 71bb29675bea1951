/** One line of the bench's table: what we reach beside what a peer reaches in the same run on the same machine. */
export interface BenchRow {
  what: string
  /** In words, such as `≥ 0.5 × bare node:sqlite`. */
  goal: string
  /** Null where it could not be measured here; the note says why. */
  ours: number | null
  unit: string
  peer: string
  peerValue: number | null
  /** Ours divided by the peer's. */
  ratio: number | null
  reached: boolean | null
  note?: string
}
