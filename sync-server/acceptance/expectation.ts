import type { FrameExpectation } from '#shared/images/frameExpectation.ts'
import { fileSize, frameSize, pictureSize } from '#shared/rules/pictureSize.ts'
import type { LedgerKind } from '#shared/rules/settlement.ts'
import { upscaledFrame } from '#shared/rules/upscale.ts'
import type { JobBrief } from '../jobs/jobBriefs.ts'

/** What a frame of this job has to be. The size is only known when the creator or the scene said it. */
export function expectationFor(
  job: Pick<JobBrief, 'kind' | 'scene' | 'extraFiles' | 'settings' | 'info'>,
  kind: LedgerKind,
  frame: number,
): FrameExpectation {
  const upscaled = job.kind === 'upscale' ? upscaledFrame(job, frame) : null
  if (upscaled !== null) return { frame, format: 'PNG', width: upscaled.width, height: upscaled.height }
  const { settings, info } = job
  const format = settings.format ?? info.format ?? 'PNG'
  // Of a side that was not given Blender alone knows to the pixel what it becomes.
  if ((settings.width === undefined) !== (settings.height === undefined) && kind === 'selfRender')
    return { frame, format, ...fileSize(frameSize(settings, { blenderVersion: info.blenderVersion }), info, format) }
  return { frame, format, ...pictureSize(settings, info) }
}
