import { contextBridge } from 'electron'

/**
 * The one bridge between the desktop window and Electron. The page talks to its node over the node's own address, as in a browser;
 * here stands only what a browser could not know.
 */
const shell = { kind: 'desktop', electron: process.versions.electron } as const
export type PictorShell = typeof shell

contextBridge.exposeInMainWorld('pictorShell', shell)
