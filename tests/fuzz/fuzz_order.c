/* Orders: what is read is written again and read to the same. */
#include "schemas/order.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t a[ORDER_BYTES_MAX], b[ORDER_BYTES_MAX];
	struct decode_error error;
	struct order_event order;
	int len;

	if (order_decode(data, size, &order, &error) == -1) {
		must_be_said(&error);
		return 0;
	}
	must(cart_is_valid(order.cart, strlen(order.cart)));
	len = order_encode(&order, a, sizeof(a));
	must(len > 0);
	must(order_decode(a, (size_t)len, &order, &error) == 0);
	must(order_encode(&order, b, sizeof(b)) == len);
	must(memcmp(a, b, (size_t)len) == 0);
	return 0;
}
