import type { enMachine } from './en.machine.ts'

/** The Chinese words about the machine itself; the same keys as in English. */
export const zhMachine: typeof enMachine = {
  reason: {
    FULL_SCREEN: '已暂停：有程序正在全屏运行。关闭它或退出全屏后继续。',
    CPU_BUSY: '已暂停：其他程序正在使用处理器。它们结束后继续。',
    GPU_BUSY: '已暂停：其他程序正在使用显卡。它们结束后继续。',
    METERED: '已暂停：当前网络按流量计费。换用其他网络后继续。',
    REPEATED_FAILURES: '已暂停：这里连续有多个任务失败。稍后会自动重试；请查看最后一个任务的日志。',
    SLEEP: '电脑在任务进行中睡眠了。任务从中断处继续；渲染时请让电脑保持唤醒。',
    DRIVER_LOST: '显卡或其驱动在任务进行中消失了。请检查驱动，然后重启电脑。',
  },
  timeline: {
    title: '运行记录',
    empty: '还没有记录。',
    away: '这些记录保存在工作机上，目前无法访问。',
    lasted: '持续 {time}',
    now: '现在',
  },
}
