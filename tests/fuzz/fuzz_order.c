/* Orders, what people ask of them, and deliveries. */
#include "schemas/order.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct delivery_event delivery;
	struct order_request asked;
	struct order_event order;

	must_come_back(
	    data, size, &order, order_decode, order_encode, ORDER_BYTES_MAX);
	must_come_back(data, size, &asked, order_request_decode,
	    order_request_encode, REQUEST_BYTES_MAX);
	must_come_back(data, size, &delivery, delivery_decode, delivery_encode,
	    DELIVERY_BYTES_MAX);
	return 0;
}
