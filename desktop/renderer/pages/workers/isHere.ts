import type { DataLink } from '../../data/dataLink.ts'

/** Whether the worker is the computer that serves this page. */
export const isHere = (data: DataLink, nodeId: string): boolean => data.place === 'runtime' && data.hello.value?.nodeId === nodeId
