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
    DRIVER_LOST: 'Card đồ họa hoặc trình điều khiển biến mất giữa chừng một tác vụ. Hãy kiểm tra trình điều khiển rồi khởi động lại máy.',
  },
  timeline: {
    title: 'Máy đã làm gì',
    empty: 'Chưa ghi nhận gì.',
    away: 'Phần này được lưu tại máy làm việc và hiện không truy cập được.',
    lasted: 'trong {time}',
    now: 'bây giờ',
  },
}
