import type { enSystem } from './en.system.ts'

/** The Simplified Chinese words about notices that the system shows. */
export const zhSystem: typeof enSystem = {
  system: {
    title: '也在这台电脑上显示通知',
    off: '开启后，本页打开但不在前台时，新通知会与其他程序的通知一起显示。目前已关闭。',
    on: '本页打开但不在前台时，新通知会与其他程序的通知一起显示。',
    blocked: '此浏览器不允许显示本页的通知。请在浏览器设置中允许本页的通知，然后重新加载。',
    cannot: '此浏览器不能显示本页的通知。页面需要通过 https 或来自这台电脑本身。',
    turnOn: '开启',
    turnOff: '关闭',
  },
}
