/*
 * battery: how full the cart's battery is, as the kernel says.
 */
#ifndef PREGON_GATEWAY_BATTERY_H
#define PREGON_GATEWAY_BATTERY_H

#include <stdint.h>

#define BATTERY_FOLDER "/sys/class/power_supply"

/* Per cent of the first battery under `folder`, or BATTERY_UNKNOWN. */
uint8_t battery_percent(const char *folder);

#endif
