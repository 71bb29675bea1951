import type { RenderPhase } from '#shared/sync/live.ts'

/** First match wins. The words of Cycles (before and since X), EEVEE, Workbench and the compositor; they are not translated by Blender. */
const phases: readonly (readonly [RegExp, RenderPhase])[] = [
  [/\bDenois/i, 'denoising'],
  [/^Compositing|\bCompositing\b/i, 'compositing'],
  [/\bSample \d|\bRendering \d+ \/ \d+|\bTile \d|\bTiles\b/, 'sampling'],
  [/^Loading (render|denoising) kernels|\bkernels?\b|^Compiling/i, 'kernels'],
  [/^Finished\b|^Saving\b/i, 'saving'],
  [/^(Sync|Updating|Building|Copying|Computing|Applying|Initializing|Writing|Waiting|Loading|Extracting|Preparing)/i, 'scene'],
]

/** What Blender is doing, of the words in its status line; null when they say nothing that is known. */
export function renderPhase(status: string | undefined): RenderPhase | null {
  if (status === undefined) return null
  // `Updating Geometry BVH | Building`, `Syncing Cube`: the first words say what it is about.
  return phases.find(([words]) => words.test(status))?.[1] ?? null
}
