import type { z } from 'zod'

/** Who may make a call: the owner's session, a node's session, or the operator of this server (the command line, by the secret in the data folder). */
export type Caller = 'owner' | 'node' | 'operator'

export const defineCall = <Input extends z.ZodType, Output extends z.ZodType>(
  callers: readonly Caller[],
  input: Input,
  output: Output,
) => ({
  callers,
  input,
  output,
})
