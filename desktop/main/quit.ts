import { dialog } from 'electron'
import type { FinishWork } from './finishWork.ts'
import type { ShellWords } from './words/en.ts'

/** While a task is rendered: finish the frame first, quit now, or stay. False: stay. */
export async function askToQuit({ message, detail, finish, now, stay }: ShellWords['quit'], work: FinishWork): Promise<boolean> {
  const { response } = await dialog.showMessageBox({
    ...{ type: 'question', message, detail, buttons: [finish, now, stay], defaultId: 0, cancelId: 2 },
  })
  if (response === 2) return false
  if (response === 0) await work.finish(Number.POSITIVE_INFINITY)
  return true
}
