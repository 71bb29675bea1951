import type { TaskProgress } from '../workers/taskProgress.ts'

/** What is being done with the frame in progress, as a key of the words. Where the renderer does not say it, only that it renders. */
export function frameLine(
  { state, phase, sample, samples, frame, frameFraction, jobName }: TaskProgress,
  upscaled: boolean,
  percent: (fraction: number) => string,
): { key: string; values: Record<string, string | number> } {
  const line = (name: string, values: Record<string, string | number> = {}) => ({ key: `computer.doing.${name}`, values })
  if (state === 'fetching') return line('fetching', { job: jobName })
  if (state === 'uploading') return line('uploading')
  if (frame === null) return line('beginning')
  if (upscaled) return frameFraction === null ? line('rendering') : line('upscaling', { percent: percent(frameFraction) })
  if (phase === 'sampling' || phase === null)
    return sample === null || samples === null ? line('rendering') : line('sampling', { sample, samples })
  return line(phase)
}
