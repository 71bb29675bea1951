import { z } from 'zod'
import type { checkSchema, NodeDocument } from '../collections/node.schema.ts'
import { compareVersions } from './compareVersions.ts'

/** What a node must have. One table, which the server can change; numbers in MiB, versions as their makers write them. */
export const requirementsSchema = z.looseObject({
  /** The oldest Blender that is used. */
  blender: z.string(),
  vramMiB: z.number().int().min(0),
  vramSuggestedMiB: z.number().int().min(0),
  nvidiaDriver: z.string(),
  amdDriver: z.string(),
  computeCapability: z.string(),
  ramMiB: z.number().int().min(0),
  diskFreeMiB: z.number().int().min(0),
  /** A node without a card that passes may render on its processor. */
  cpuNodes: z.boolean(),
  /** Codes of the checks that keep a node from working; the others are advice. */
  enforced: z.array(z.string()),
})
export type Requirements = z.infer<typeof requirementsSchema>

const checkCodes = [
  'BLENDER_NOT_FOUND',
  'GPU_MISSING',
  'GPU_NOT_USABLE',
  'VRAM_TOO_SMALL',
  'DRIVER_TOO_OLD',
  'COMPUTE_CAPABILITY',
  'RAM_TOO_SMALL',
  'DISK_TOO_SMALL',
] as const
export type CheckCode = (typeof checkCodes)[number]
export type Check = z.infer<typeof checkSchema>

const gib = 1_024

/** As the network publishes them: all of it is enforced, and work comes to cards only. */
export const networkRequirements: Requirements = {
  blender: '2.83',
  vramMiB: 4 * gib,
  vramSuggestedMiB: 12 * gib,
  nvidiaDriver: '520.06',
  amdDriver: '24.1.1',
  computeCapability: '6.1',
  ramMiB: 16 * gib,
  diskFreeMiB: 50 * gib,
  cpuNodes: false,
  enforced: [...checkCodes],
}

/** Of a server of one's own: the same table is shown, but only what cannot work at all keeps a node out, so that anyone can try. */
export const homeRequirements: Requirements = { ...networkRequirements, cpuNodes: true, enforced: ['BLENDER_NOT_FOUND'] }

type Program = NodeDocument['software'][number]
export type RequirementFacts = Pick<NodeDocument, 'hardware' | 'os'> & {
  software: readonly Pick<Program, 'kind' | 'version' | 'devices' | 'proofs'>[]
}

const gpuBackends = new Set(['OPTIX', 'CUDA', 'HIP', 'ONEAPI', 'METAL'])
/** Systems keep a part of the memory back: a card or a computer sold with 16 GiB says a little less. */
const heldBackShare = 0.07

/**
 * Every check with what was found, what is wanted, and whether that passes. Pure. A fact that nobody knows fails nothing. A card passes as a
 * whole or not: one good card is enough, and what its neighbours lack is advice.
 */
export function checkRequirements(wanted: Requirements, facts: RequirementFacts): Check[] {
  const { hardware } = facts
  const blenders = facts.software.filter(({ kind }) => kind === 'blender')
  const newest = blenders
    .map(({ version }) => version)
    .sort(compareVersions)
    .at(-1)
  const cards = hardware.gpus.map((gpu) => cardChecks(wanted, gpu, facts))
  const usable = cards.some((checks) => checks.every(({ state }) => state !== 'fail'))
  const missing = hardware.gpus.length === 0
  const level = (check: Check): Check => {
    const forgiven = !wanted.enforced.includes(check.code) || (gpuCodes.has(check.code) && (usable || wanted.cpuNodes))
    return check.state === 'fail' && forgiven ? { ...check, state: 'advice' } : check
  }
  return [
    row(
      'BLENDER_NOT_FOUND',
      '',
      newest ?? '-',
      `Blender ${wanted.blender}`,
      newest !== undefined && compareVersions(newest, wanted.blender) >= 0,
    ),
    ...(missing ? [row('GPU_MISSING', '', '-', 'NVIDIA, AMD', false)] : cards.flat()),
    row('RAM_TOO_SMALL', '', inGib(hardware.ramMiB), inGib(wanted.ramMiB), atLeast(hardware.ramMiB, wanted.ramMiB)),
    row('DISK_TOO_SMALL', '', inGib(hardware.diskFreeMiB), inGib(wanted.diskFreeMiB), exactly(hardware.diskFreeMiB, wanted.diskFreeMiB)),
  ].map(level)
}

const gpuCodes = new Set<string>(['GPU_MISSING', 'GPU_NOT_USABLE', 'VRAM_TOO_SMALL', 'DRIVER_TOO_OLD', 'COMPUTE_CAPABILITY'])

type Gpu = NodeDocument['hardware']['gpus'][number]

function cardChecks(wanted: Requirements, gpu: Gpu, { software, os }: RequirementFacts): Check[] {
  const isNvidia = /nvidia/i.test(gpu.vendor)
  // Elsewhere AMD's driver is part of the system and has no such number.
  const isAmd = /amd|advanced micro|\bati\b/i.test(gpu.vendor) && os.platform === 'win32'
  const driver = isNvidia ? wanted.nvidiaDriver : isAmd ? wanted.amdDriver : null
  const checks = [usableCheck(gpu, isNvidia ? 'OPTIX, CUDA' : 'HIP, ONEAPI, METAL', software), vramCheck(wanted, gpu)]
  if (driver !== null) checks.push(row('DRIVER_TOO_OLD', gpu.name, gpu.driverVersion ?? '-', driver, notOlder(gpu.driverVersion, driver)))
  if (isNvidia)
    checks.push(
      row(
        'COMPUTE_CAPABILITY',
        gpu.name,
        gpu.computeCapability ?? '-',
        wanted.computeCapability,
        notOlder(gpu.computeCapability, wanted.computeCapability),
      ),
    )
  return checks
}

/** That a Blender lists a card proves nothing: where one sample was tried on it, that decides, and the reason of what failed is shown. */
function usableCheck(gpu: Gpu, wanted: string, software: RequirementFacts['software']): Check {
  const own = (card: string) => card === gpu.uuid || (card === '' && !gpu.uuid.startsWith('GPU-'))
  const tried = software.flatMap(({ proofs = [] }) => proofs.filter(({ card, backend }) => own(card) && gpuBackends.has(backend)))
  const working = [...new Set(tried.filter(({ works }) => works).map(({ backend }) => backend))]
  if (working.length > 0) return row('GPU_NOT_USABLE', gpu.name, working.join(', '), wanted, true)
  if (tried.length > 0) {
    const reasons = tried.map(({ backend, code, reason }) => `${backend}: ${reason ?? code ?? 'failed'}`)
    return row('GPU_NOT_USABLE', gpu.name, [...new Set(reasons)].join('; ').slice(0, 200), wanted, false)
  }
  const devices = software.filter(({ kind }) => kind === 'blender').flatMap((program) => program.devices)
  const seen = devices.length === 0 ? null : devices.some((device) => gpuBackends.has(device))
  return row('GPU_NOT_USABLE', gpu.name, devices.join(', ') || '-', wanted, seen)
}

function vramCheck(wanted: Requirements, gpu: Gpu): Check {
  const check = row('VRAM_TOO_SMALL', gpu.name, inGib(gpu.vramMiB), inGib(wanted.vramMiB), atLeast(gpu.vramMiB, wanted.vramMiB))
  const enough = atLeast(gpu.vramMiB, wanted.vramSuggestedMiB)
  return check.state === 'pass' && enough === false ? { ...check, state: 'advice', wanted: inGib(wanted.vramSuggestedMiB) } : check
}

/** `passes` null: nobody knows. */
const row = (code: CheckCode, subject: string, found: string, wanted: string, passes: boolean | null): Check => ({
  ...{ code, subject, found, wanted },
  state: passes === null ? 'unknown' : passes ? 'pass' : 'fail',
})

const exactly = (found: number | null, wanted: number): boolean | null => (found === null ? null : found >= wanted)
const atLeast = (found: number | null, wanted: number): boolean | null => exactly(found, wanted * (1 - heldBackShare))
const notOlder = (found: string | null | undefined, wanted: string): boolean | null =>
  found == null || !/\d/.test(found) ? null : compareVersions(found, wanted) >= 0
const inGib = (mib: number | null): string => (mib === null ? '-' : `${Math.round((mib / gib) * 10) / 10} GiB`)
