import { useI18n } from 'vue-i18n'
import type { Block } from '#shared/collections/node.schema.ts'

/** What a node saw when it was blocked, in words. What a newer node saw and this version has no word for is shown by its own name. */
export function useEvidence(): (evidence: Block['evidence']) => { name: string; value: string }[] {
  const words = useI18n()
  return (evidence = {}) =>
    Object.entries(evidence).map(([name, value]) => ({
      name: words.te(`block.evidence.${name}`, 'en') ? words.t(`block.evidence.${name}`) : name,
      value: name === 'ms' ? `${Math.round(Number(value) / 1_000)} s` : ['percent', 'limit'].includes(name) ? `${value} %` : String(value),
    }))
}
