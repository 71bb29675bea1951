import { shallowRef, watch, type ShallowRef } from 'vue'
import type { GatewayOutput } from '#shared/api/gatewayCalls.ts'
import { useData } from '../../data/dataLink.ts'
import type { ShownError } from '../../words/useErrorText.ts'

type Asked = 'account.get' | 'account.sessions'

/** What the server says of the account: asked when the page opens and whenever the line is back. */
export function useAccountCall<Name extends Asked>(
  name: Name,
): { value: Readonly<ShallowRef<GatewayOutput<Name> | null>>; error: Readonly<ShallowRef<ShownError | null>>; load: () => Promise<void> } {
  const data = useData()
  const value = shallowRef(null) as ShallowRef<GatewayOutput<Name> | null>
  const error = shallowRef<ShownError | null>(null)
  async function load(): Promise<void> {
    const reply = await data.call<Asked>(name, {})
    // Safe: the answer to a call has the shape of that call.
    if (reply.ok) value.value = reply.value as GatewayOutput<Name>
    error.value = reply.ok ? null : reply.error
  }
  watch(
    [data.connection, data.uplink],
    ([now]) => {
      if (now.name === 'live') void load()
    },
    { immediate: true },
  )
  return { value, error, load }
}
