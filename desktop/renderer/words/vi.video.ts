import type { enVideo } from './en.video.ts'

/** The Vietnamese words about an animation as a film. */
export const viVideo: typeof enVideo = {
  video: {
    show: 'Xem như phim',
    hide: 'Ẩn phim',
    play: 'Phát',
    pause: 'Tạm dừng',
    loop: 'Phát lặp lại',
    place: 'Vị trí trong phim',
    speed: 'Tốc độ',
    fps: 'Khung hình mỗi giây',
    perSecond: '{n} fps',
    save: 'Lưu thành video',
    saveHelp: 'Được tạo trong trình duyệt này từ các khung hình đã nhận. Mất khoảng bằng thời lượng phim.',
    saving: '{done} trên {total}',
    cannot: 'Trình duyệt này không ghi được video. Hãy tải tất cả khung hình, hoặc dùng Chrome, Edge hay Firefox.',
    failed: 'Không tạo được video: không đọc được hình nào. Hãy thử lại khi máy chủ trả lời.',
    missing: 'Không đọc được {n} hình và nó không có trong video. | Không đọc được {n} hình và chúng không có trong video.',
  },
}
