import { powerSaveBlocker } from 'electron'

/** Keeps the computer (not its screen) awake while it is told to. */
export function createKeepAwake(): (wanted: boolean) => void {
  let blocker: number | null = null
  return (wanted) => {
    if (wanted === (blocker !== null)) return
    if (blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension')
    else {
      powerSaveBlocker.stop(blocker)
      blocker = null
    }
  }
}
