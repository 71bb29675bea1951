import type { enOwn } from './en.own.ts'

/** The Simplified Chinese words about the person's own things: settings and account. */
export const zhOwn: typeof enOwn = {
  settings: {
    title: '设置',
    more: '语言、主题和更新',
    line: '面板在这个浏览器中的外观和语言。',
    languageHelp: '文字、数字和时间，立即生效。',
    systemLanguage: '跟随系统（{language}）',
    themeHelp: '选“系统”时，会随电脑的昼夜模式变化。',
    zone: '时区',
    zoneHelp: '时间为这台电脑的时间。概览中的每日合计按 UTC 日计算。',
    machine: '这台电脑',
    machineText: 'Blender、限制和数据文件夹在这台电脑的页面上。',
  },
  owner: {
    title: '账户',
    lineLocal: '这台电脑只为您工作，无需登录。',
    who: '所有者',
    id: '账户 ID',
    wallet: '钱包地址',
    walletHelp: '收入会支付到这个地址。只为自己渲染时可以留空。',
    walletWrong: '钱包地址以 0x 开头，其后最多 64 个字符，只含 0-9 和 a-f。请检查后重试。',
    save: '保存',
    saved: '已保存。',
    devices: '在另一台设备上登录',
    devicesText: '一个 15 分钟内有效、只能用一次的登录链接。请在那台设备上打开，不要给任何人。',
    makeLink: '生成链接',
    export: '带走您的数据',
    exportText: '您账户的全部内容，合为一个 JSON 文件：节点、作业、任务、收入、通知，也包括更早的。',
    exportGo: '导出全部',
    exporting: '正在收集，已有 {n}',
    exported: '已导出 {n} 个文档。',
    exportedPart: '已导出 {n} 个文档。服务器没有给出全部：文件中写明了哪些不完整。',
  },
}
