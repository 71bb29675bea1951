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
    GPU_NOT_USABLE: 'Blender 看不到显卡（{found}）。请更新显卡驱动，并使用 blender.org 的 Blender。',
    DRIVER_LOST: '显卡或其驱动在任务进行中消失了。请检查驱动，然后重启电脑。',
  },
  timeline: {
    title: '运行记录',
    empty: '还没有记录。',
    away: '这些记录保存在工作机上，目前无法访问。',
    lasted: '持续 {time}',
    now: '现在',
  },
  checks: {
    title: '检查',
    line: '这台电脑可以工作。',
    lineFail: '这台电脑还不能工作。',
    waiting: '正在询问 Blender 能做什么。',
    state: { pass: '通过', advice: '低于网络的要求', fail: '需要处理', unknown: '未知' },
    wanted: '需要 {wanted}',
    rows: {
      BLENDER_NOT_FOUND: { name: 'Blender', fix: '请安装 Blender，或选择它的位置。' },
      GPU_MISSING: { name: '显卡', fix: '没有找到可以渲染的显卡。请安装显卡或其驱动。' },
      GPU_NOT_USABLE: { name: 'Blender 能看到显卡', fix: '请更新显卡驱动，并使用 blender.org 的 Blender。' },
      VRAM_TOO_SMALL: { name: '显存', fix: '大型场景会交给显存更大的显卡。显存越大，工作越多。' },
      DRIVER_TOO_OLD: { name: '显卡驱动', fix: '请更新显卡驱动。' },
      COMPUTE_CAPABILITY: { name: '计算能力', fix: '这块显卡对渲染程序来说太旧了。请使用较新的显卡。' },
      RAM_TOO_SMALL: { name: '内存', fix: '请增加内存：除其他程序外，场景也需要内存。' },
      DISK_TOO_SMALL: { name: '可用磁盘空间', fix: '请释放一些空间，或把数据文件夹移到更大的磁盘。' },
    },
  },
}
