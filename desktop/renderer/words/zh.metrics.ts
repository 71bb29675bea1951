import type { enMetrics } from './en.metrics.ts'

/** The Simplified Chinese words about what a worker measured, and where it stands. */
export const zhMetrics: typeof enMetrics = {
  metrics: {
    title: '历史',
    what: '显示内容',
    load: '负载',
    memory: '内存',
    temperature: '温度',
    power: '功率',
    range: { hour: '1 小时', day: '24 小时', week: '7 天' },
    empty: '这段时间没有测量数据。',
    away: '这些数据保存在节点上，目前无法取得。',
    zoomHelp: 'Ctrl 加滚轮，或 + 和 − 键可缩放。',
    fan: '风扇 {percent}',
    address: '网络地址',
    location: '位置',
    locationNone: '未设置',
    locationField: '用您自己的话说明它在哪里',
    locationChange: '更改',
    total: '预计总时长',
    walletNone: '尚未设置',
  },
}
