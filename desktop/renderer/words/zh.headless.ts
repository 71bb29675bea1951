import type { enHeadless } from './en.headless.ts'

/** The Simplified Chinese words about workers without a screen: how they are set up and kept up to date. */
export const zhHeadless: typeof enHeadless = {
  headless: {
    update: '更新',
    updateHint: '查找新版本，并在当前帧完成后安装。',
    updating: '{n} 个节点正在查找新版本。 | {n} 个节点正在查找新版本。',
    title: '程序',
    auto: '自动更新',
    channel: '版本',
    image: '它在容器中运行：随镜像一起替换。',
    notWritable: '它的文件夹属于其他用户，无法自行替换。请用 pictor worker install 重新安装。',
    notPackaged: '它不是从无屏幕安装包启动的，因此不会自行更新。',
    where: '将在哪里运行',
    installed: '已安装',
    package: 'Linux，免安装',
    docker: 'Docker',
    service: '作为服务',
    packageHelp: '请先把无屏幕安装包放到那台电脑上；除 Blender 外一应俱全。',
    dockerHelp: '镜像从代码库构建一次，参见 Docker 指南。NVIDIA 显卡请构建 nvidia 目标并加上 --gpus all。',
    serviceHelp: '随电脑启动，使用没有权限的专用用户。',
  },
}
