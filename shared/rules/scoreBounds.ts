/**
 * A bench score is what a node says of itself. 1,000 is a device that renders one work unit of the bench scene a second. Before it counts for
 * anything on the server it is cut to the most that a card of its model can reach; a model that is not listed counts as a slow one.
 *
 * The list goes by the relative speeds that makers and testers publish for Cycles, with half as much again for what newer drivers and
 * overclocking add. Being too generous by half is harmless (see docs/pricing.md); a card that is missing can be added by one line.
 */
const models: readonly (readonly [model: RegExp, most: number])[] = [
  [/\bRTX 5090\b/i, 1_200_000],
  [/\bRTX 5080\b/i, 700_000],
  [/\bRTX 5070 Ti\b/i, 600_000],
  [/\bRTX 5070\b/i, 480_000],
  [/\bRTX 50[56]0\b/i, 330_000],
  [/\bRTX 4090\b/i, 900_000],
  [/\bRTX 4080\b/i, 650_000],
  [/\bRTX 4070 Ti\b/i, 520_000],
  [/\bRTX 4070\b/i, 420_000],
  [/\bRTX 4060 Ti\b/i, 310_000],
  [/\bRTX 40[56]0\b/i, 250_000],
  [/\bRTX 3090\b/i, 430_000],
  [/\bRTX 3080\b/i, 390_000],
  [/\bRTX 3070\b/i, 260_000],
  [/\bRTX 3060 Ti\b/i, 230_000],
  [/\bRTX 30[56]0\b/i, 180_000],
  [/\bRTX 20[678]0\b/i, 210_000],
  [/\b(H100|H200|B200|L40S?|RTX 6000 Ada|RTX PRO 6000)\b/i, 1_000_000],
  [/\b(A100|A40|A6000|RTX A\d{4}|L4)\b/i, 430_000],
  [/\bGTX 16\d0\b/i, 60_000],
  [/\bGTX 10\d0\b/i, 70_000],
  [/\bRX (9070|7900)\b/i, 300_000],
  [/\bRX 7[678]00\b/i, 180_000],
  [/\bRX 6\d00\b/i, 200_000],
  [/\bArc\b/i, 180_000],
  [/\bM[1-5] (Max|Ultra)\b/i, 500_000],
  [/\bM[1-5]( Pro)?\b/i, 200_000],
]
const unlistedCard = 60_000
const perCore = 1_500
const mostCores = 256
/** What a node without a bench result counts as: the reference. */
export const unknownScore = 1_000

/** The most that a device's score counts for. */
export function scoreBound(device: { kind: 'cpu' | 'gpu'; name: string }, cpuCores: number): number {
  if (device.kind === 'cpu') return perCore * Math.min(mostCores, Math.max(1, cpuCores))
  return models.find(([model]) => model.test(device.name))?.[1] ?? unlistedCard
}

interface Benched {
  benchmark?: { devices: readonly { kind: 'cpu' | 'gpu'; device: string; score: number | null }[] } | undefined
  hardware: { cpuCores: number; gpus: readonly { uuid: string; name: string }[] }
}

export interface BoundedScores {
  /** All of its devices that render together: how fast the node is. */
  whole: number
  /** Its slowest such device: what a render time of it is worth as a measure of work, whichever of them it came from. */
  slowest: number
}

/**
 * The scores of a node as the server counts them. The cards are those of its inventory (the name goes with the UUID, not with the claim); a node with
 * cards does not render on its processor.
 */
export function boundedScores({ benchmark, hardware }: Benched): BoundedScores {
  const scores = (benchmark?.devices ?? []).flatMap((device) => {
    const card = hardware.gpus.find(({ uuid }) => uuid === device.device)
    if (device.score === null || device.score < 1 || (device.kind === 'gpu' && card === undefined)) return []
    const bound = scoreBound({ kind: device.kind, name: card?.name ?? '' }, hardware.cpuCores)
    return [{ kind: device.kind, score: Math.min(Math.round(device.score), bound) }]
  })
  const cards = scores.filter(({ kind }) => kind === 'gpu')
  const used = (cards.length > 0 ? cards : scores).map(({ score }) => score)
  if (used.length === 0) return { whole: unknownScore, slowest: unknownScore }
  return { whole: used.reduce((sum, score) => sum + score, 0), slowest: Math.min(...used) }
}
