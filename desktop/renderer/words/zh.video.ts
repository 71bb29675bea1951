import type { enVideo } from './en.video.ts'

/** The Simplified Chinese words about an animation as a film. */
export const zhVideo: typeof enVideo = {
  video: {
    show: '作为影片播放',
    hide: '隐藏影片',
    play: '播放',
    pause: '暂停',
    loop: '循环播放',
    place: '影片位置',
    speed: '速度',
    fps: '每秒帧数',
    perSecond: '{n} fps',
    save: '保存为视频',
    saveHelp: '在本浏览器中用已接受的帧制作，用时大约与影片时长相同。',
    saving: '{done} / {total}',
    cannot: '此浏览器无法写入视频。请改为下载全部帧，或使用 Chrome、Edge 或 Firefox。',
    failed: '无法制作视频：没有读到任何图片。请在服务器恢复后重试。',
    missing: '{n} 张图片无法读取，未包含在视频中。',
  },
}
