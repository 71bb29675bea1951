import type { Installation } from '../../launch/headless/installLayout.ts'
import { startHeadlessUpdates, type HeadlessUpdates, type HeadlessUpdatesOptions } from '../../launch/headless/headlessUpdates.ts'
import { endTrial, provenAfterMs } from '../../launch/headless/trial.ts'

/** The node is up: this version proves itself by running on for a while, and looks for newer ones. null: it was not started from a package. */
export function startKeepingCurrent(
  options: Omit<HeadlessUpdatesOptions, 'installation'>,
  installation: Installation | null,
): HeadlessUpdates | null {
  if (installation === null) return null
  const { clock, log } = options
  const cancel = clock.after(provenAfterMs, () => {
    try {
      endTrial(installation)
    } catch (error) {
      log.warn('the trial of a new version could not be ended', { reason: error instanceof Error ? error.message : String(error) })
    }
  })
  const updates = startHeadlessUpdates({ ...options, installation })
  return {
    ...updates,
    stop() {
      cancel()
      updates.stop()
    },
  }
}
