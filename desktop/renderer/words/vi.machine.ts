import type { enMachine } from './en.machine.ts'

/** The Vietnamese words about the machine itself; the same keys as in English. */
export const viMachine: typeof enMachine = {
  reason: {
    FULL_SCREEN: 'Tạm dừng: có chương trình đang chạy toàn màn hình. Tiếp tục khi chương trình đóng hoặc thoát toàn màn hình.',
    CPU_BUSY: 'Tạm dừng: các chương trình khác đang dùng bộ xử lý. Tiếp tục khi chúng xong.',
    GPU_BUSY: 'Tạm dừng: các chương trình khác đang dùng card đồ họa. Tiếp tục khi chúng xong.',
    METERED: 'Tạm dừng: mạng tính phí theo dung lượng. Tiếp tục khi dùng mạng khác.',
    REPEATED_FAILURES: 'Tạm dừng: nhiều tác vụ liên tiếp thất bại tại đây. Máy sẽ tự thử lại; hãy xem nhật ký của tác vụ cuối.',
    SLEEP: 'Máy đã ngủ giữa chừng một tác vụ. Máy tiếp tục từ chỗ đã dừng; hãy để máy thức khi đang kết xuất.',
    GPU_NOT_USABLE: 'Blender không thấy card đồ họa ({found}). Hãy cập nhật trình điều khiển và dùng Blender từ blender.org.',
    DRIVER_LOST: 'Card đồ họa hoặc trình điều khiển biến mất giữa chừng một tác vụ. Hãy kiểm tra trình điều khiển rồi khởi động lại máy.',
  },
  timeline: {
    title: 'Máy đã làm gì',
    empty: 'Chưa ghi nhận gì.',
    away: 'Phần này được lưu tại máy làm việc và hiện không truy cập được.',
    lasted: 'trong {time}',
    now: 'bây giờ',
  },
  checks: {
    title: 'Kiểm tra',
    line: 'Máy này có thể làm việc.',
    lineFail: 'Máy này chưa thể làm việc.',
    waiting: 'Đang hỏi Blender có thể làm gì.',
    state: { pass: 'đạt', advice: 'thấp hơn mức mạng yêu cầu', fail: 'cần khắc phục', unknown: 'không rõ' },
    wanted: 'cần {wanted}',
    rows: {
      BLENDER_NOT_FOUND: { name: 'Blender', fix: 'Cài đặt Blender hoặc chọn nơi đặt nó.' },
      GPU_MISSING: { name: 'Card đồ họa', fix: 'Không tìm thấy card nào có thể kết xuất. Hãy lắp card hoặc cài trình điều khiển.' },
      GPU_NOT_USABLE: { name: 'Blender thấy card', fix: 'Cập nhật trình điều khiển đồ họa và dùng Blender từ blender.org.' },
      VRAM_TOO_SMALL: {
        name: 'Bộ nhớ của card',
        fix: 'Cảnh lớn được giao cho card có nhiều bộ nhớ hơn. Card lớn hơn nhận nhiều việc hơn.',
      },
      DRIVER_TOO_OLD: { name: 'Trình điều khiển đồ họa', fix: 'Cập nhật trình điều khiển đồ họa.' },
      COMPUTE_CAPABILITY: { name: 'Năng lực tính toán', fix: 'Card quá cũ đối với các chương trình kết xuất. Hãy dùng card mới hơn.' },
      RAM_TOO_SMALL: { name: 'Bộ nhớ', fix: 'Thêm bộ nhớ: một cảnh cần nó bên cạnh mọi thứ khác đang chạy.' },
      DISK_TOO_SMALL: { name: 'Đĩa trống', fix: 'Giải phóng dung lượng hoặc chuyển thư mục dữ liệu sang đĩa lớn hơn.' },
    },
  },
}
