import { isShellCall, shellCalls, type ShellAnswers, type ShellCallInput, type ShellCallName } from '#shared/api/shellCalls.ts'
import { appError, toAppError } from '#shared/errors/appError.ts'
import { err, type Result } from '#shared/result.ts'
import { mayCall, type CallSender } from './callers.ts'

export type ShellHandlers = {
  [Name in ShellCallName]: (input: ShellCallInput<Name>, sender: CallSender) => Promise<Result<ShellAnswers[Name]>>
}

/** Checks the sender, the name and the input of a call, and answers it. Never rejects: NOT_ALLOWED, NOT_FOUND, REQUEST_INVALID are data too. */
export async function answerCall(handlers: ShellHandlers, sender: CallSender, name: unknown, input: unknown): Promise<Result<unknown>> {
  if (!mayCall(sender)) return err(appError('NOT_ALLOWED'))
  if (!isShellCall(name)) return err(appError('NOT_FOUND'))
  const parsed = shellCalls[name].input.safeParse(input)
  if (!parsed.success) return err(appError('REQUEST_INVALID', { reason: `the input of ${name}` }))
  try {
    // Safe: the input was parsed by the schema that its handler's type is made from.
    return await (handlers[name] as (input: unknown, sender: CallSender) => Promise<Result<unknown>>)(parsed.data, sender)
  } catch (error) {
    return err(toAppError(error))
  }
}
