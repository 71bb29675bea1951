import { isOwnAddress } from '../page/appOrigin.ts'

/** What is known of who sent an IPC message. */
export interface CallSender {
  /** Address of the frame that sent it; null when it is gone. */
  frameUrl: string | null
  isMainFrame: boolean
  isOwnWindow: boolean
}

/** Only the dashboard itself may ask: the main frame of our own window, at our own origin. */
export const mayCall = ({ frameUrl, isMainFrame, isOwnWindow }: CallSender): boolean =>
  isOwnWindow && isMainFrame && frameUrl !== null && isOwnAddress(frameUrl)
