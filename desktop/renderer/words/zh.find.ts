import type { enFind } from './en.find.ts'

/** The Simplified Chinese words about finding one's way: the command palette, supported software. */
export const zhFind: typeof enFind = {
  palette: {
    title: '前往或执行',
    open: '搜索',
    placeholder: '搜索节点、作业、页面和操作',
    none: '没有这个名称的内容。',
    found: '找到 {n} 个',
    groups: { selection: '已选节点', pages: '页面', actions: '操作', workers: '节点', jobs: '作业' },
    theme: '主题：{theme}',
    language: '语言：{language}',
    here: '这台电脑：{action}',
    pauseAfterFrame: '完成这一帧后暂停',
    pauseHour: '暂停 1 小时',
    pauseTomorrow: '暂停到明天',
  },
  software: {
    onlyFound: '已找到，不用于渲染。',
    title: '支持的软件',
    line: '您的节点在电脑上找到的软件，以及网络中有多少台电脑拥有它。',
    empty: '还没有找到软件',
    emptyText: '节点设置好后，它找到的程序及其能渲染的内容会显示在这里。',
    columns: { program: '程序', engines: '引擎', devices: '设备', denoisers: '降噪器', workers: '您的节点', network: '网络' },
    networkHelp: '网络：所有所有者中装有它且已连接的电脑数。',
    networkAway: '无法连接服务器时，不知道网络中有什么。',
    scenes: '支持由 Blender 2.83 至 5.2 保存的场景。节点的 Blender 至少要与场景一样新。',
  },
  zip: {
    download: '全部下载',
    working: '{done} / {total}',
    missing: '{n} 张图片无法读取，未包含在文件中。',
  },
  pwa: { newVersion: '面板的新版本已就绪。', reload: '重新加载' },
}
