import type { Engine } from './engine.ts'

/** Everything that makes frames here, as one: what is installed of each, and each task to the one it is for. */
export function joinEngines({ blender, upscale }: { blender: Engine; upscale: Engine }): Pick<Engine, 'probe' | 'render'> {
  return {
    async probe(signal) {
      // One after the other: each starts programs, and two at once would only wait for each other.
      const found = await blender.probe(signal)
      return [...found, ...(await upscale.probe(signal))]
    },
    render: (task, signal) => (task.images === undefined ? blender : upscale).render(task, signal),
  }
}
