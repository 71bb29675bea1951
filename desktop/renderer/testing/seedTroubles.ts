import type { NodeDocument } from '#shared/collections/node.schema.ts'
import { checkRequirements, networkRequirements } from '#shared/rules/requirements.ts'
import { upscaleEngines } from '#shared/rules/upscale.ts'
import { hourMs } from './seedTypes.ts'

const minuteMs = 60_000

/** What a computer says of itself beside its work: what it was checked for, how fast its line is, what else is installed. */
export function addFacts(node: NodeDocument, nowMs: number): void {
  Object.assign(node.hardware, { displays: 2, hasBattery: false, diskTotalMiB: 1_900_000 })
  node.hardware.disks = [
    { name: 'Samsung SSD 990 PRO', kind: 'ssd', sizeMiB: 1_900_000 },
    { name: 'WDC WD40EFRX-68N32N0', kind: 'hdd', sizeMiB: 3_800_000 },
  ]
  node.hardware.networks = [{ name: 'eno1', kind: 'wired' }]
  node.connection = { downKbps: 512_400, upKbps: 48_100, at: nowMs - 5 * hourMs }
  node.software.push(
    { kind: 'upscale', version: '1.30.0', engines: Object.values(upscaleEngines), devices: ['CUDA', 'CPU'], denoisers: [] },
    { kind: 'houdini', version: '20.5', path: '/opt/hfs20.5/bin/houdini', engines: [], devices: [], denoisers: [] },
  )
  node.checks = checkRequirements(networkRequirements, node)
}

/** Another program uses the card of a worker that renders for others; its name is whatever somebody called it. */
export function addBlock(node: NodeDocument, nowMs: number): void {
  const evidence = { program: 'game <b>launcher</b>.exe', percent: 64, limit: 20, ms: 30_000 }
  node.blocked = { code: 'FOREIGN_GPU_LOAD', since: nowMs - 4 * minuteMs, until: nowMs + 6 * minuteMs, evidence }
}

/** Work that failed here and is left to others, and databases that were damaged. */
export function addSetbacks(node: NodeDocument, nowMs: number): void {
  node.avoided = [
    {
      ...{ sort: 'engine', value: 'CYCLES', name: 'Cycles', code: 'OUT_OF_MEMORY' },
      ...{ since: nowMs - 12 * minuteMs, until: nowMs + 18 * minuteMs },
    },
    {
      ...{ sort: 'job', value: 'job-00000000000000000000', name: 'Bottle campaign v7', code: 'SCENE_MISSING_FILES' },
      ...{ since: nowMs - 9 * minuteMs, until: nowMs + 2 * hourMs },
    },
  ]
  node.repairs = [
    { at: nowMs - 3 * hourMs, what: 'documents', keptAs: 'documents-2026-03-10.db', state: 'done', tasks: 2, frames: 7 },
    { at: nowMs - 50 * hourMs, what: 'settings', keptAs: '', state: 'done' },
  ]
}
