import { shallowRef, watch, type ShallowRef } from 'vue'
import type { GatewayOutput } from '#shared/api/gatewayCalls.ts'
import { useData } from './dataLink.ts'

/**
 * What the server says of the network, asked each time the line to it comes up; null until it answered. What was heard stays when the line is cut.
 */
export function useNetworkFact<Name extends 'network.prices' | 'network.software'>(
  name: Name,
): Readonly<ShallowRef<GatewayOutput<Name> | null>> {
  const data = useData()
  // Safe: Vue's own type takes a generic value apart, which it stays in one piece.
  const fact = shallowRef(null) as ShallowRef<GatewayOutput<Name> | null>
  watch(
    // Beside a runtime there are two lines, and the second may come up later.
    [data.connection, () => data.uplink.value?.state],
    async ([now]) => {
      if (now.name !== 'live') return
      // Safe: these calls take nothing.
      const reply = await data.call(name, {} as never)
      if (reply.ok) fact.value = reply.value
    },
    { immediate: true },
  )
  return fact
}
