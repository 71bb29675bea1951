import { homeRequirements, requirementsSchema, type Requirements } from '#shared/rules/requirements.ts'
import { jsonEquals } from '#shared/json.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import type { Gateway } from '../tasks/ports.ts'

const fact = 'requirements'

/** What the server asks of this node: as it last said, also while the line is cut. A server that does not say asks what a home server does. */
export interface NodeRequirements {
  current(): Requirements
  onChange(listener: () => void): () => void
  stop(): void
}

export interface NodeRequirementsOptions {
  local: Pick<LocalDatabase, 'readFact' | 'writeFact'>
  gateway: Pick<Gateway, 'call' | 'isLive' | 'onLive'>
}

/** Asks again each time the line comes back. */
export function openRequirements({ local, gateway }: NodeRequirementsOptions): NodeRequirements {
  const listeners = new Set<() => void>()
  let current = readKnown(local.readFact(fact))
  const ask = async () => {
    const answer = await gateway.call('node.policy', {})
    // NOT_FOUND is an older server, everything else is the line: what is known stays.
    if (!answer.ok || jsonEquals(answer.value.requirements, current)) return
    current = answer.value.requirements
    local.writeFact(fact, JSON.stringify(current))
    listeners.forEach((listener) => listener())
  }
  const off = gateway.onLive((live) => void (live && ask()))
  if (gateway.isLive()) void ask()
  return {
    current: () => current,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop: off,
  }
}

function readKnown(text: string | null): Requirements {
  const parsed = text === null ? null : requirementsSchema.safeParse(JSON.parse(text))
  return parsed?.success === true ? parsed.data : homeRequirements
}
