import { spawn, type ChildProcess } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Clock, Logger } from '#shared/log.ts'
import { createSmallFileReader } from '../preferences/linux/smallFiles.ts'
import { sysfsAddress } from '../telemetry/watchCards.ts'

export interface CardLoad {
  percent: number
  /** The busiest. */
  program: string | null
}

interface Card {
  index: number
  uuid: string
  vendor: string
  pciBus?: string | null | undefined
}

export interface ForeignLoadOptions {
  clock: Clock
  log: Logger
  cards: readonly Card[]
  ownerOf: (pid: number) => { ours: boolean; name: string } | null
  command?: string
  root?: string
}

const everySeconds = 5
const freshMs = 2.5 * everySeconds * 1_000

/**
 * How busy programs that are not ours keep each card: NVIDIA by one `nvidia-smi pmon` that streams, AMD and Intel by what the kernel counts for
 * each process that has a card open (`drm-engine-*` in `/proc/<pid>/fdinfo`). Nothing runs before `look` or after `stop`.
 */
export function createForeignLoad({ clock, log, cards, ownerOf, command = 'nvidia-smi', root = '/proc' }: ForeignLoadOptions) {
  const nvidia = cards.filter(({ vendor }) => /nvidia/i.test(vendor))
  const others = cards.filter((card) => !nvidia.includes(card))
  const seen = new Map<string, { sample: PmonSample; atMs: number }>()
  let child: ChildProcess | null = null
  let missing = false
  let before = new Map<string, { busyNs: number; atMs: number }>()

  const start = () => {
    let columns: PmonColumns | null = null
    const mine = spawn(command, ['pmon', '-s', 'u', '-d', String(everySeconds)], { stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true })
    child = mine
    mine.on('error', (error) => {
      missing = true
      log.warn('who uses the card cannot be asked', { reason: error.message })
    })
    mine.on('close', () => {
      if (child === mine) child = null
    })
    createInterface({ input: mine.stdout }).on('line', (line) => {
      columns = readPmonColumns(line) ?? columns
      const sample = columns === null ? null : parsePmonLine(line, columns)
      if (sample !== null) seen.set(`${sample.card} ${sample.pid}`, { sample, atMs: clock.monotonicMs() })
    })
  }
  const add = (loads: Map<string, CardLoad & { most: number }>, uuid: string, percent: number, program: string | null) => {
    const load = loads.get(uuid) ?? { percent: 0, program: null, most: -1 }
    load.percent = Math.min(100, load.percent + percent)
    if (program !== null && percent > load.most) Object.assign(load, { program, most: percent })
    loads.set(uuid, load)
  }
  const lookAtNvidia = (loads: Map<string, CardLoad & { most: number }>) => {
    if (nvidia.length === 0 || missing) return
    if (child === null) start()
    const nowMs = clock.monotonicMs()
    for (const [key, { sample, atMs }] of seen) {
      if (nowMs - atMs > freshMs) {
        seen.delete(key)
        continue
      }
      const card = nvidia.find(({ index }) => index === sample.card)
      if (card === undefined) continue
      add(loads, card.uuid, 0, null)
      if (sample.pid === null || sample.percent === null) continue
      const owner = ownerOf(sample.pid)
      // In a container the tool tells numbers of the host: only a process of that number and that name is the one that is meant.
      if (owner === null || owner.ours || !isSameName(owner.name, sample.name)) continue
      add(loads, card.uuid, sample.percent, owner.name)
    }
  }
  const readSmall = createSmallFileReader(4_096)
  const lookAtDrm = (loads: Map<string, CardLoad & { most: number }>) => {
    if (others.length === 0) return
    const nowMs = clock.monotonicMs()
    const next = new Map<string, { busyNs: number; atMs: number }>()
    for (const pid of list(root).filter((name) => /^\d+$/.test(name))) {
      const clients = new Map<string, DrmClient>()
      for (const fd of list(`${root}/${pid}/fdinfo`)) {
        const client = parseDrmFdinfo(readSmall(`${root}/${pid}/fdinfo/${fd}`))
        if (client !== null) clients.set(`${client.address} ${client.id}`, client)
      }
      if (clients.size === 0) continue
      const owner = ownerOf(Number(pid))
      if (owner === null || owner.ours) continue
      for (const [id, { address, busyNs }] of clients) {
        const card = others.find(({ pciBus, uuid }) => sysfsAddress(pciBus ?? uuid) === address)
        if (card === undefined) continue
        const last = before.get(`${pid} ${id}`)
        next.set(`${pid} ${id}`, { busyNs, atMs: nowMs })
        if (last === undefined || nowMs <= last.atMs) continue
        add(loads, card.uuid, Math.max(0, ((busyNs - last.busyNs) / 1e6 / (nowMs - last.atMs)) * 100), owner.name)
      }
    }
    before = next
  }
  return {
    look(): Map<string, CardLoad> {
      const loads = new Map<string, CardLoad & { most: number }>()
      lookAtNvidia(loads)
      lookAtDrm(loads)
      return new Map([...loads].map(([uuid, { percent, program }]) => [uuid, { percent, program }]))
    },
    stop() {
      const old = child
      child = null
      seen.clear()
      before = new Map()
      old?.kill('SIGKILL')
    },
  }
}

export interface PmonSample {
  card: number
  pid: number | null
  /** Of the card's time, by this process; null where the driver does not say. */
  percent: number | null
  name: string
}
export type PmonColumns = Record<'gpu' | 'pid' | 'sm' | 'command', number>

/** The heading says where what stands: columns were added over the years. `# gpu  pid  type  sm  mem  enc  dec  command`. */
export function readPmonColumns(line: string): PmonColumns | null {
  if (!/^#\s*gpu\s/.test(line)) return null
  const names = line.replace(/^#\s*/, '').trim().split(/\s+/)
  const [gpu, pid, sm, command] = ['gpu', 'pid', 'sm', 'command'].map((name) => names.indexOf(name))
  if (gpu !== 0 || pid === undefined || pid < 0 || sm === undefined || sm < 0 || command === undefined || command < 0) return null
  return { gpu, pid, sm, command }
}

/** `0  21370  C  98  40  -  -  blender`; a card that nobody uses has `-` everywhere. null for anything else. */
export function parsePmonLine(line: string, columns: PmonColumns): PmonSample | null {
  if (line.startsWith('#')) return null
  const cells = line.trim().split(/\s+/)
  const card = Number(cells[columns.gpu])
  if (!/^\d+$/.test(cells[columns.gpu] ?? '') || cells.length <= columns.command) return null
  const number = (cell: string | undefined): number | null => (cell !== undefined && /^\d+$/.test(cell) ? Number(cell) : null)
  return { card, pid: number(cells[columns.pid]), percent: number(cells[columns.sm]), name: cells.slice(columns.command).join(' ') }
}

/** The tool may cut names, and show a path or only its end. */
function isSameName(inKernel: string, shown: string): boolean {
  const name = shown.replace(/^.*\//, '').replace(/[+.]*$/, '')
  return name !== '' && (inKernel.startsWith(name.slice(0, 12)) || name.startsWith(inKernel.slice(0, 12)))
}

interface DrmClient {
  id: string
  address: string
  /** Of the busiest engine that draws or computes. */
  busyNs: number
}

/** What the kernel counts for one opened card: https://docs.kernel.org/gpu/drm-usage-stats.html. null for any other file. */
export function parseDrmFdinfo(text: string): DrmClient | null {
  const address = /^drm-pdev:\s*(\S+)/m.exec(text)?.[1]
  const id = /^drm-client-id:\s*(\d+)/m.exec(text)?.[1]
  if (address === undefined || id === undefined) return null
  const engines = [...text.matchAll(/^drm-engine-(\S+?):\s*(\d+) ns/gm)].filter(([, name]) => /gfx|compute|render|rcs|ccs/.test(name ?? ''))
  return { id, address: address.toLowerCase(), busyNs: Math.max(0, ...engines.map(([, , ns]) => Number(ns))) }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
