/** Hot values of a node, sent on the topic `node/<nodeId>` about once a second while somebody watches. Memory only. */
export interface LiveNode {
  nodeId: string
  atMs: number
  cpuPercent: number | null
  ramUsedMiB: number | null
  ramTotalMiB: number | null
  diskFreeMiB: number | null
  gpus: LiveGpu[]
  /** The tasks that are worked on right now. */
  tasks: LiveTask[]
}
export interface LiveGpu {
  uuid: string
  name: string
  utilisationPercent: number | null
  memoryUsedMiB: number | null
  memoryTotalMiB: number | null
  temperatureC: number | null
  powerW: number | null
  fanPercent: number | null
  /** Absent from nodes of an older version. */
  clockMHz?: number | null
}
/** What a renderer is doing with the frame in progress; where it says nothing that is known, nothing is claimed. */
export const renderPhases = ['scene', 'kernels', 'sampling', 'denoising', 'compositing', 'saving'] as const
export type RenderPhase = (typeof renderPhases)[number]

export interface LiveTask {
  taskId: string
  jobId: string
  jobName: string
  state: 'fetching' | 'rendering' | 'uploading'
  frame: number | null
  framesDone: number
  framesTotal: number
  /** 0..1 of the whole task. */
  fraction: number
  /** 0..1 of the frame in progress. */
  frameFraction: number | null
  elapsedMs: number
  remainingMs: number | null
  sample: number | null
  samples: number | null
  memoryMiB: number | null
  /** Absent from nodes of an older version. */
  phase?: RenderPhase | null
}
export const nodeTopic = (nodeId: string): string => `node/${nodeId}`
export const seriesTopic = (series: string): string => `series/${series}`
/** The gateway tells a node here that there may be work for it: ask with `work.request`. Nothing is promised by it. */
export const workTopic = (nodeId: string): string => `work/${nodeId}`
/** The gateway tells all nodes of an owner here what is wanted of computers with a tag: TagPreferences, or without the table when it is large. */
export const tagPreferencesTopic = 'tagPreferences'
/** The gateway tells a node here whether somebody watches its `node/<nodeId>`: the value is `{watched: boolean}`. */
export const watchedTopic = (nodeId: string): string => `watched/${nodeTopic(nodeId)}`
