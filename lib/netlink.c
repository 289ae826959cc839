/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include "lib/netlink.h"
#include "lib/utf8.h"

const struct nlmsghdr *netlink_next(const void *buf, size_t len, size_t *offset, int *error)
{
	const struct nlmsghdr *nlh;
	size_t left, step;

	if (*offset >= len)
		return NULL;
	left = len - *offset;
	nlh = (const struct nlmsghdr *)((const char *)buf + *offset);
	if (left < sizeof(*nlh) || nlh->nlmsg_len < sizeof(*nlh) || nlh->nlmsg_len > left) {
		*error = -EBADMSG;
		return NULL;
	}
	step = NLMSG_ALIGN((size_t)nlh->nlmsg_len);
	*offset += step < left ? step : left;
	return nlh;
}

const void *netlink_header(const struct nlmsghdr *nlh, size_t header_len)
{
	return nlh->nlmsg_len >= MNL_NLMSG_HDRLEN + header_len ? mnl_nlmsg_get_payload(nlh) : NULL;
}

/* The attribute at `at` if a whole one lies before `end`. */
static const struct nlattr *attr_at(const char *at, const char *end)
{
	const struct nlattr *attr = (const struct nlattr *)at;

	if (at > end || (size_t)(end - at) < sizeof(*attr))
		return NULL;
	if (attr->nla_len < sizeof(*attr) || attr->nla_len > (size_t)(end - at))
		return NULL;
	return attr;
}

const struct nlattr *netlink_attr(const struct nlmsghdr *nlh, size_t header_len,
				  const struct nlattr *attr)
{
	const char *end = (const char *)nlh + nlh->nlmsg_len;

	if (attr)
		return attr_at((const char *)attr + NLA_ALIGN(attr->nla_len), end);
	return attr_at((const char *)nlh + MNL_NLMSG_HDRLEN + NLMSG_ALIGN(header_len), end);
}

const struct nlattr *netlink_nested(const struct nlattr *nest, const struct nlattr *attr)
{
	const char *end = (const char *)nest + nest->nla_len;

	if (attr)
		return attr_at((const char *)attr + NLA_ALIGN(attr->nla_len), end);
	return attr_at((const char *)nest + NLA_HDRLEN, end);
}

/* Ten to twenty steps for each socket of a dump: a good part of what its parsing takes. */
static void pick(const void *from, size_t left, uint32_t wanted, const struct nlattr *found[])
{
	const struct nlattr *attr = from;
	size_t step;

	for (; wanted && left >= sizeof(*attr); left -= step) {
		const unsigned int type = attr->nla_type & NLA_TYPE_MASK;

		if (attr->nla_len < sizeof(*attr) || attr->nla_len > left)
			return;
		if (type < 32 && wanted >> type & 1) {
			wanted ^= UINT32_C(1) << type;
			found[type] = attr;
		}
		step = NLA_ALIGN((size_t)attr->nla_len);
		if (step > left)
			return;
		attr = (const struct nlattr *)((const char *)attr + step);
	}
}

void netlink_pick(const struct nlmsghdr *nlh, size_t header_len, uint32_t wanted,
		  const struct nlattr *found[])
{
	const size_t before = MNL_NLMSG_HDRLEN + NLMSG_ALIGN(header_len);

	if (nlh->nlmsg_len > before)
		pick((const char *)nlh + before, nlh->nlmsg_len - before, wanted, found);
}

void netlink_pick_nested(const struct nlattr *nest, uint32_t wanted, const struct nlattr *found[])
{
	pick((const char *)nest + NLA_HDRLEN, nest->nla_len - (size_t)NLA_HDRLEN, wanted, found);
}

static bool attr_copy(const struct nlattr *attr, void *out, size_t size)
{
	if (attr->nla_len < NLA_HDRLEN + size)
		return false;
	memcpy(out, (const char *)attr + NLA_HDRLEN, size);
	return true;
}

bool attr_u8(const struct nlattr *attr, uint8_t *out)
{
	return attr_copy(attr, out, sizeof(*out));
}

bool attr_u16(const struct nlattr *attr, uint16_t *out)
{
	return attr_copy(attr, out, sizeof(*out));
}

bool attr_u32(const struct nlattr *attr, uint32_t *out)
{
	return attr_copy(attr, out, sizeof(*out));
}

void attr_text(const struct nlattr *attr, char *out, size_t size)
{
	const char *text = mnl_attr_get_payload(attr);
	size_t len = strnlen(text, mnl_attr_get_payload_len(attr)), octets;
	bool good;

	for (; len; text += octets, len -= octets, out += octets, size -= octets) {
		octets = utf8_character(text, len);
		good = octets && (unsigned char)*text >= ' ' && *text != 0x7f;
		octets = good ? octets : 1;
		if (octets >= size)
			break;
		memcpy(out, good ? text : "?", octets);
	}
	*out = '\0';
}
